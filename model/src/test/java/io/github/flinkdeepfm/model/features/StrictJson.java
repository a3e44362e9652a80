package io.github.flinkdeepfm.model.features;

import java.util.ArrayList;
import java.util.List;

/**
 * A slow JSON parser (RFC 8259) into a tree, written from the grammar: the judge of the fast one. A
 * text that breaks off gives the tree up to there, so that its faults keep their order.
 */
final class StrictJson {
  enum Kind {
    OBJECT,
    ARRAY,
    STRING,
    INTEGER,
    FRACTION,
    TRUE,
    FALSE,
    NULL,
    /** No value begins here, or a number or word that does not end as one. */
    BROKEN,
    /** An object or array in more than {@link #MAX_DEPTH} others. */
    TOO_DEEP
  }

  private static final int MAX_DEPTH = 64;
  private static final int MAX_DIGITS = 1000;

  /**
   * @param broken whether the text breaks off in this value; then it is the last of its parent
   * @param text the decoded text of a string, else the source text
   * @param compact the source text without white space between tokens
   */
  record Node(
      Kind kind,
      boolean broken,
      String text,
      String compact,
      List<String> names,
      List<Node> children) {
    boolean isNumber() {
      return kind == Kind.INTEGER || kind == Kind.FRACTION;
    }

    boolean isContainer() {
      return kind == Kind.OBJECT || kind == Kind.ARRAY;
    }
  }

  /**
   * @param broken whether this is not one JSON value, because of the root or of what follows it
   */
  record Document(Node root, boolean broken) {}

  private final String json;
  private int at;

  private StrictJson(String json) {
    this.json = json;
  }

  static Document parse(String json) {
    StrictJson parser = new StrictJson(json);
    Node root = parser.value(1);
    parser.skipSpace();
    return new Document(root, root.broken || parser.at != json.length());
  }

  private Node value(int depth) {
    skipSpace();
    return switch (peek()) {
      case '{', '[' -> depth > MAX_DEPTH ? broken(Kind.TOO_DEEP) : container(depth);
      case '"' -> {
        int start = at;
        String text = string();
        yield text == null
            ? broken(Kind.STRING)
            : leaf(Kind.STRING, text, json.substring(start, at));
      }
      case 't' -> word("true", Kind.TRUE);
      case 'f' -> word("false", Kind.FALSE);
      case 'n' -> word("null", Kind.NULL);
      default -> number();
    };
  }

  private Node container(int depth) {
    boolean object = take('{');
    at += object ? 0 : 1;
    char close = object ? '}' : ']';
    List<String> names = new ArrayList<>();
    List<Node> children = new ArrayList<>();
    skipSpace();
    boolean broken = false;
    boolean open = !take(close);
    while (open && !broken) {
      String name = object ? name() : "";
      if (name == null) {
        broken = true;
        break;
      }
      Node child = value(depth + 1);
      names.add(name);
      children.add(child);
      skipSpace();
      broken = child.broken;
      if (!broken && take(close)) {
        open = false;
      } else {
        broken |= !take(',');
      }
    }
    String compact = broken ? "" : compact(object, names, children);
    return new Node(
        object ? Kind.OBJECT : Kind.ARRAY,
        broken,
        compact,
        compact,
        object ? names.stream().map(StrictJson::unquote).toList() : List.of(),
        children);
  }

  /** A name's source text, after which its colon has been passed; null if one of them is broken. */
  private String name() {
    skipSpace();
    int start = at;
    String name = string();
    int end = at;
    skipSpace();
    return name != null && take(':') ? json.substring(start, end) : null;
  }

  private static String unquote(String source) {
    return new StrictJson(source).string();
  }

  private static String compact(boolean object, List<String> names, List<Node> children) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < children.size(); i++) {
      parts.add((object ? names.get(i) + ":" : "") + children.get(i).compact);
    }
    return (object ? "{" : "[") + String.join(",", parts) + (object ? "}" : "]");
  }

  private Node word(String word, Kind kind) {
    if (!json.startsWith(word, at)) {
      return broken(Kind.BROKEN);
    }
    at += word.length();
    char next = peek();
    boolean ends = next < '0' || !Character.isJavaIdentifierPart(next);
    return ends ? leaf(kind, word, word) : broken(Kind.BROKEN);
  }

  /** What begins as a number has to be one up to the first character that cannot go on with it. */
  private Node number() {
    int start = at;
    take('-');
    boolean leadingZero = peek() == '0';
    int digits = digits();
    if (digits == 0 || (leadingZero && digits > 1)) {
      return broken(Kind.BROKEN);
    }
    boolean fraction = false;
    if (take('.')) {
      fraction = true;
      int decimals = digits();
      if (decimals == 0) {
        return broken(Kind.BROKEN);
      }
      digits += decimals;
    }
    if (take('e') || take('E')) {
      fraction = true;
      var unused = take('+') || take('-');
      int exponent = digits();
      if (exponent == 0) {
        return broken(Kind.BROKEN);
      }
      digits += exponent;
    }
    if (digits > MAX_DIGITS) {
      return broken(Kind.BROKEN);
    }
    String text = json.substring(start, at);
    return leaf(fraction ? Kind.FRACTION : Kind.INTEGER, text, text);
  }

  private int digits() {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    return at - start;
  }

  /** The string at hand, decoded; null if it is none or breaks off. */
  private String string() {
    if (!take('"')) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    while (at < json.length()) {
      char c = json.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      if (c < 0x20) {
        return null;
      }
      if (c != '\\') {
        out.append(c);
        continue;
      }
      int simple = "\"\\/bfnrt".indexOf(peek());
      if (simple >= 0) {
        out.append("\"\\/\b\f\n\r\t".charAt(simple));
        at++;
      } else if (take('u')
          && at + 4 <= json.length()
          && json.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
        out.append((char) Integer.parseInt(json.substring(at, at + 4), 16));
        at += 4;
      } else {
        return null;
      }
    }
    return null;
  }

  private static Node leaf(Kind kind, String text, String source) {
    return new Node(kind, false, text, source, List.of(), List.of());
  }

  private static Node broken(Kind kind) {
    return new Node(kind, true, "", "", List.of(), List.of());
  }

  private void skipSpace() {
    while (" \t\r\n".indexOf(peek()) >= 0) {
      at++;
    }
  }

  /** NUL, which no text has, at the end. */
  private char peek() {
    return at < json.length() ? json.charAt(at) : 0;
  }

  private boolean take(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }
}

package io.github.flinkdeepfm.model.features;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A slow JSON parser (RFC 8259) into a tree, written from the grammar: the judge of the fast one.
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
    NULL
  }

  /**
   * @param text the decoded text of a string, else the source text
   * @param compact the source text without white space between tokens
   */
  record Node(Kind kind, String text, String compact, List<String> names, List<Node> children) {
    boolean isNumber() {
      return kind == Kind.INTEGER || kind == Kind.FRACTION;
    }
  }

  static final class NotJson extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotJson(String message) {
      super(message);
    }
  }

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)((\\.[0-9]+)?([eE][+-]?[0-9]+)?)");

  private final String json;
  private int at;

  private StrictJson(String json) {
    this.json = json;
  }

  static Node parse(byte[] bytes) {
    String json;
    try {
      json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new NotJson("not UTF-8");
    }
    StrictJson parser = new StrictJson(json);
    Node node = parser.value(1);
    parser.skipSpace();
    if (parser.at != json.length()) {
      throw new NotJson("trailing");
    }
    return node;
  }

  private Node value(int depth) {
    skipSpace();
    return switch (peek()) {
      case '{', '[' -> container(depth);
      case '"' -> {
        int start = at;
        String text = string();
        yield leaf(Kind.STRING, text, json.substring(start, at));
      }
      case 't' -> word("true", Kind.TRUE);
      case 'f' -> word("false", Kind.FALSE);
      case 'n' -> word("null", Kind.NULL);
      default -> number();
    };
  }

  private Node container(int depth) {
    if (depth > 64) {
      throw new NotJson("too deep");
    }
    boolean object = peek() == '{';
    char close = object ? '}' : ']';
    at++;
    List<String> names = new ArrayList<>();
    List<Node> children = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    skipSpace();
    if (peek() == close) {
      at++;
    } else {
      while (true) {
        String name = "";
        if (object) {
          skipSpace();
          int start = at;
          names.add(string());
          name = json.substring(start, at) + ":";
          skipSpace();
          expect(':');
        }
        Node child = value(depth + 1);
        children.add(child);
        parts.add(name + child.compact);
        skipSpace();
        if (peek() == close) {
          at++;
          break;
        }
        expect(',');
      }
    }
    String compact = (object ? "{" : "[") + String.join(",", parts) + close;
    return new Node(object ? Kind.OBJECT : Kind.ARRAY, compact, compact, names, children);
  }

  private Node word(String word, Kind kind) {
    if (!json.startsWith(word, at)) {
      throw new NotJson("word");
    }
    at += word.length();
    return leaf(kind, word, word);
  }

  private Node number() {
    Matcher m = NUMBER.matcher(json).region(at, json.length());
    if (!m.lookingAt() || m.group().replaceAll("[^0-9]", "").length() > 1000) {
      throw new NotJson("number");
    }
    at = m.end();
    return leaf(m.group(2).isEmpty() ? Kind.INTEGER : Kind.FRACTION, m.group(), m.group());
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (peek() != '"') {
      char c = json.charAt(at++);
      if (c < 0x20) {
        throw new NotJson("control character");
      }
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escape = peek();
      at++;
      int simple = "\"\\/bfnrt".indexOf(escape);
      if (simple >= 0) {
        out.append("\"\\/\b\f\n\r\t".charAt(simple));
      } else if (escape == 'u'
          && at + 4 <= json.length()
          && json.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
        out.append((char) Integer.parseInt(json.substring(at, at + 4), 16));
        at += 4;
      } else {
        throw new NotJson("escape");
      }
    }
    at++;
    return out.toString();
  }

  private static Node leaf(Kind kind, String text, String source) {
    return new Node(kind, text, source, List.of(), List.of());
  }

  private void skipSpace() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    if (at >= json.length()) {
      throw new NotJson("end");
    }
    return json.charAt(at);
  }

  private void expect(char c) {
    if (peek() != c) {
      throw new NotJson("expected " + c);
    }
    at++;
  }
}

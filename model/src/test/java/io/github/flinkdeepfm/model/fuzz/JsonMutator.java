package io.github.flinkdeepfm.model.fuzz;

import io.github.flinkdeepfm.model.fuzz.JsonTree.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Changes a document's structure at random places, mostly into documents that still parse. */
public final class JsonMutator {
  /** Scalars that some rule of JSON or of numbers looks at closely; not all of them are JSON. */
  private static final List<String> ODD =
      List.of(
              "null true false 0 -0 -0.0 0.0 1 -1 2 3 17 99 100 17.0 1e3 1E+2 1e999 -1e999 1e-400 0e999"
                  .split(" "),
              ("3.4028235e38 3.4028236e38 1e38 -1e39 1e-46 0.1 9223372036854775807 9223372036854775808"
                      + " -9223372036854775808 -9223372036854775809 18446744073709551616 2147483647"
                      + " 2147483648 4294967296 9007199254740993 123456789012345678901234567890 1e30"
                      + " 2.5e-3 4.35 0.30000000000000004 1e2147483647 1e2147483648 1e-2147483648"
                      + " 1e99999999999 1e-99999999999 0e99999999999 1.7976931348623157e308 4.9e-324")
                  .split(" "),
              "NaN Infinity -Infinity 01 -01 00 +1 .5 5. 1e 1e+ --1 - tru truex nulll 0x10 1_000 'x' x"
                  .split(" "),
              ("\"\" \"a\" \"ff\" \"FFffFFffFFffFFff\" \"1ffffffffffffffff\" \"g\" \"\\u0066\" \"0\""
                      + " \"\\ud83d\\ude00\" \"\\ud83d\" \"\\ude00x\" \"\\ud83dx\" \"\\u0000\" \"é\" \"\\x\" \"\\u12\""
                      + " \"😀\" \"\\/\" \"\\\\\" \"\\\"\" \"1\" \"../x\" \"/etc/passwd\" \"null\" \"\u2028\"")
                  .split(" "),
              new String[] {
                "\"a\tb\"", "\"open", "", "\"a\nb\"", "[]", "{}", "[1]", "[null]", "[[]]"
              },
              new String[] {
                "{\"a\":1}", "{ \"k\" : [ 1 , \"a b\" ] , \"k\":2}", "[1,2,3,4,5]", "[1,]"
              },
              new String[] {
                "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1 2]", "{1:2}", "[", "{", "]"
              })
          .stream()
          .flatMap(java.util.Arrays::stream)
          .toList();

  private final Random random;
  private final List<String> odd;

  /**
   * @param further scalars, as they are written, that the rules at hand look at closely
   */
  public JsonMutator(Random random, List<String> further) {
    this.random = random;
    List<String> all = new ArrayList<>(ODD);
    for (int i = 0; i < 3; i++) { // as often as the general ones, or oftener
      all.addAll(further);
    }
    this.odd = List.copyOf(all);
  }

  /** Applies so many changes to {@code root}. */
  public void mutate(JsonTree root, int changes) {
    for (int i = 0; i < changes; i++) {
      List<JsonTree> nodes = new ArrayList<>();
      collect(root, nodes);
      change(nodes.get(random.nextInt(nodes.size())), nodes);
    }
  }

  private static void collect(JsonTree node, List<JsonTree> into) {
    into.add(node);
    node.children.forEach(child -> collect(child, into));
  }

  private void change(JsonTree node, List<JsonTree> all) {
    if (node.kind == Kind.SCALAR || node.children.isEmpty() || random.nextInt(8) == 0) {
      changeValue(node, all);
    } else {
      changeChildren(node, all);
    }
  }

  private void changeValue(JsonTree node, List<JsonTree> all) {
    switch (random.nextInt(12)) {
      case 0 -> node.become(JsonTree.array(List.of(node.copy())));
      case 1 -> {
        JsonTree object = JsonTree.object();
        object.add("\"a\"", node.copy());
        node.become(object);
      }
      case 2 -> node.become(all.get(random.nextInt(all.size())));
      case 3 -> nest(node);
      case 4 -> node.become(JsonTree.scalar(length()));
      case 5, 6 -> node.become(JsonTree.scalar(tweaked(node.text)));
      default -> node.become(JsonTree.scalar(odd()));
    }
  }

  private void changeChildren(JsonTree node, List<JsonTree> all) {
    int at = random.nextInt(node.children.size());
    JsonTree child = node.children.get(at);
    switch (random.nextInt(8)) {
      case 0 -> { // leave out
        node.children.remove(at);
        if (node.kind == Kind.OBJECT) {
          node.names.remove(at);
        }
      }
      case 1 -> insert(node, node.kind == Kind.OBJECT ? node.names.get(at) : "", child.copy());
      case 2 -> insert(node, "\"k" + random.nextInt(3) + "\"", JsonTree.scalar(odd()));
      case 3 -> { // another order
        if (node.kind == Kind.OBJECT) {
          int with = random.nextInt(node.children.size());
          Collections.swap(node.names, at, with);
        }
        Collections.swap(node.children, at, random.nextInt(node.children.size()));
      }
      case 4 -> { // longer or shorter
        int times = random.nextInt(6);
        for (int i = 0; i < times && node.kind == Kind.ARRAY; i++) {
          node.children.add(node.children.get(random.nextInt(node.children.size())).copy());
        }
        if (node.kind == Kind.OBJECT) {
          node.names.set(at, escaped(node.names.get(at)));
        }
      }
      case 5 -> {
        if (node.kind == Kind.OBJECT) {
          node.names.set(at, random.nextBoolean() ? tweaked(node.names.get(at)) : odd());
        } else {
          node.children.clear();
        }
      }
      case 6 -> child.become(all.get(random.nextInt(all.size())));
      default -> child.become(JsonTree.scalar(odd()));
    }
  }

  private void insert(JsonTree node, String name, JsonTree child) {
    int at = random.nextInt(node.children.size() + 1);
    node.children.add(at, child);
    if (node.kind == Kind.OBJECT) {
      node.names.add(at, name);
    }
  }

  private void nest(JsonTree node) {
    String[] ends = random.nextBoolean() ? new String[] {"[", "]"} : new String[] {"{\"a\":", "}"};
    int depth = 58 + random.nextInt(10);
    int closed = random.nextInt(8) == 0 ? random.nextInt(depth) : depth;
    node.become(JsonTree.scalar(ends[0].repeat(depth) + "1" + ends[1].repeat(closed)));
  }

  /** A scalar at or near a limit of length. */
  private String length() {
    return switch (random.nextInt(4)) {
      case 0 -> "1".repeat(998 + random.nextInt(5));
      case 1 -> "0." + "1".repeat(998 + random.nextInt(5));
      case 2 -> "\"" + "a".repeat(1022 + random.nextInt(5)) + "\"";
      default -> "\"" + "é".repeat(510 + random.nextInt(5)) + "\"";
    };
  }

  private String odd() {
    return odd.get(random.nextInt(odd.size()));
  }

  private String tweaked(String text) {
    if (text.length() < 2 || random.nextInt(3) == 0) {
      return escaped(text);
    }
    int at = random.nextInt(text.length());
    return switch (random.nextInt(4)) {
      case 0 -> text.substring(0, at) + text.substring(at + 1);
      case 1 -> text.substring(0, at) + odd().replaceAll("[\"{}\\[\\],]", "") + text.substring(at);
      case 2 -> text.substring(0, at) + random.nextInt(10) + text.substring(at + 1);
      default -> text + text;
    };
  }

  /** The same string with one of its characters as an escape. */
  private String escaped(String text) {
    if (text.length() < 3 || !text.startsWith("\"") || text.indexOf('\\') >= 0) {
      return text;
    }
    int at = 1 + random.nextInt(text.length() - 2);
    String escape =
        String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) text.charAt(at));
    return text.substring(0, at) + escape + text.substring(at + 1);
  }
}

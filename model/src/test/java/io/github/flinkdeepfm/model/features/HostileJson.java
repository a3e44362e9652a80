package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** JSON that is dear to read: for a scanner, a parser, its table of names, or the encoders. */
final class HostileJson implements StepFuzz.Hostile {
  private static final int MAX_BYTES = 1 << 21;
  private static final int LARGEST = 19;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int[] DIGITS = {18, 19, 999, 1000, 1001, 100_000};
  private static final int INVERSE_OF_33 = 0x3E0F83E1;

  private final List<EventScenario> scenarios;
  private final List<EventDecoder> decoders = new ArrayList<>();
  private Random random;

  HostileJson(Path folder) {
    scenarios = EventScenario.all(folder);
    for (EventScenario scenario : scenarios) {
      EventMapping m = scenario.mapping();
      EventMapping roomy =
          new EventMapping(
              m.id(), m.time(), m.timeFormat(), m.label(), m.copy(), MAX_BYTES, 1 << 16);
      decoders.add(new JsonEventDecoder(roomy, scenario.features(), scenario.model()));
    }
  }

  @Override
  public long stepsPerByte() {
    return 150;
  }

  @Override
  public long moreSteps() {
    return 25_000_000; // names of one hash in an event that is small enough for a table of names
  }

  @Override
  public long heapPerByte() {
    return 150;
  }

  /** A decoder's table of names grows by doubling, up to a bound: the growth is one event's. */
  @Override
  public long moreHeap() {
    return 4 << 20;
  }

  @Override
  public StepFuzz.Case next(Random random, int kind) {
    this.random = random;
    int scenario = random.nextInt(scenarios.size());
    int size = 1 << (6 + random.nextInt(LARGEST - 5));
    StringBuilder event = new StringBuilder("{");
    if (random.nextBoolean()) {
      event.append("\"\\u0061\\\"\":1,"); // for the parser, not the scanner
    }
    String what =
        switch (kind % 8) {
          case 0 -> "names";
          case 1 -> "one name";
          case 2 -> "colliding names";
          default -> "values";
        };
    switch (what) {
      case "names" -> names(event, size, () -> name(random.nextInt(12)));
      case "one name" -> {
        String name = name(1 + random.nextInt(4));
        names(event, size, () -> name);
      }
      case "colliding names" -> colliding(event, size);
      default -> {}
    }
    object(event, scenarios.get(scenario), what.equals("values") ? size : 16);
    byte[] bytes = event.append('}').toString().getBytes(UTF_8);
    return new StepFuzz.Case(
        what + " in " + scenarios.get(scenario).name(),
        decoders.get(scenario),
        random.nextInt(8) == 0 ? damaged(bytes) : bytes);
  }

  private byte[] damaged(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, bytes.length - 1 - random.nextInt(Math.min(20, bytes.length - 1)));
    if (random.nextBoolean()) {
      out.write(random.nextInt());
    }
    return out.toByteArray();
  }

  private void names(StringBuilder out, int size, java.util.function.Supplier<String> names) {
    int end = out.length() + size;
    while (out.length() < end) {
      out.append('"').append(names.get()).append("\":").append(random.nextInt(10)).append(',');
    }
  }

  private String name(int length) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < length; i++) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return name.toString();
  }

  /** Names of eight letters with one hash in Jackson's table of names, whatever its seed. */
  private void colliding(StringBuilder out, int size) {
    int end = out.length() + size;
    int wanted = random.nextInt();
    for (int i = 0; out.length() < end; i++) {
      int first = 0;
      for (int letters = i, n = 0; n < 4; n++, letters /= LETTERS.length()) {
        first = first << 8 | LETTERS.charAt(letters % LETTERS.length());
      }
      int mixed = first + (first >>> 15);
      mixed ^= mixed >>> 9;
      int second = (wanted - mixed) * INVERSE_OF_33;
      boolean plain = true;
      for (int shift = 0; shift < 32; shift += 8) {
        plain &= LETTERS.indexOf(second >>> shift & 0xFF) >= 0;
      }
      if (plain) {
        out.append('"');
        for (int shift = 24; shift >= 0; shift -= 8) {
          out.append((char) (first >>> shift & 0xFF));
        }
        for (int shift = 24; shift >= 0; shift -= 8) {
          out.append((char) (second >>> shift & 0xFF));
        }
        out.append("\":1,");
      }
    }
  }

  /** The fields that scenarios map, each with something dear in it, together of such a size. */
  private void object(StringBuilder out, EventScenario scenario, int size) {
    int dear = random.nextInt(7);
    int time = scenario.mapping().timeFormat().ordinal();
    String id = random.nextInt(8) == 0 ? value(size, dear) : "\"e\"";
    out.append("\"event_id\":").append(id);
    List<String> times = List.of("1700000000000", "1.7e9", "\"2024-02-29T10:11:12Z\"");
    boolean hard = random.nextInt(8) == 0;
    out.append(",\"event_time\":").append(hard ? value(size, dear) : times.get(time));
    out.append(",\"label\":").append(random.nextInt(3) == 0 ? value(size, dear) : "1");
    out.append(",\"extra\":").append(value(size / 4, random.nextInt(7)));
    out.append(",\"dense\":{");
    List<String> dense = scenario.features().dense().stream().map(DenseFeature::name).toList();
    for (String name : dense) {
      String number = random.nextInt(12) == 0 ? value(size, dear) : "3.25";
      out.append('"').append(name).append("\":").append(number).append(',');
    }
    out.append("\"zz\":0},\"x\":{\"y/z\":1,\"k\":").append(value(size / 4, dear)).append('}');
    for (String part : List.of("sparse", "weights")) {
      out.append(",\"").append(part).append("\":{");
      for (String key : scenario.features().sparse().stream().map(SparseFeature::name).toList()) {
        boolean text = !part.equals("weights") && (key.equals("hex") || key.equals("words"));
        String good = text ? "[\"ff\"]" : "[1]";
        String bag = random.nextInt(5) == 0 ? value(size / 2, random.nextInt(7)) : good;
        out.append('"').append(key).append("\":").append(bag).append(',');
      }
      out.append("\"zz\":0}");
    }
  }

  /** A value of about such a size. */
  private String value(int size, int kind) {
    int n = Math.max(1, size);
    switch (kind) {
      case 0:
        return '"'
            + oneOf("\\u00e9", "\\\"", "\\n", "é", "a", "\\ud83d\\ude00").repeat(n / 4)
            + '"';
      case 1:
        return digits(Math.min(n, DIGITS[random.nextInt(DIGITS.length)]));
      case 2:
        return oneOf("", "-") + oneOf("1e", "1.5e-", "0e", "9e+") + digits(1 + random.nextInt(12));
      case 3:
        int depth = Math.min(n, random.nextInt(8) == 0 ? 70 : 40);
        String nest = "[".repeat(depth) + "]".repeat(depth);
        return "[" + (nest + ",").repeat(n / nest.length()) + nest + "]";
      case 4:
        String element = oneOf("7", "\"ff\"", "null", "1e0", "\"\"", "{}", "[]", "1e999", "-0");
        return "[" + (element + oneOf(",", " , ", ",\n")).repeat(n / 4) + element + "]";
      case 5:
        String number = digits(Math.min(1000, 1 + random.nextInt(n)));
        return "["
            + (oneOf("", "-") + number + oneOf("", ".5", "e-3", ".0") + ",")
                .repeat(n / (number.length() + 4))
            + "1]";
      default:
        StringBuilder object = new StringBuilder("{");
        names(object, n, () -> name(random.nextInt(9)));
        return object.append("\"\":0}").toString();
    }
  }

  private String digits(int n) {
    return (oneOf("1", "9", "123456789") + "0123456789".repeat(n / 10 + 1)).substring(0, n);
  }

  private String oneOf(String... texts) {
    return texts[random.nextInt(texts.length)];
  }
}

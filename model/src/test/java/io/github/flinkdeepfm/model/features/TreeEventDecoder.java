package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.StrictJson.Document;
import io.github.flinkdeepfm.model.features.StrictJson.Kind;
import io.github.flinkdeepfm.model.features.StrictJson.Node;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The slow twin of {@link JsonEventDecoder}: builds the whole tree, looks every path up by itself
 * and computes with big numbers. It shares no code with it, and says what a row is, or why there is
 * none.
 */
final class TreeEventDecoder {
  private static final BigInteger LAST_MILLI = BigInteger.valueOf(253_402_300_799_999L);

  /** A date and a time, to minutes at least, and an offset or none. */
  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{0,9}))?)?"
              + "(Z|([+-])(\\d\\d)(?::?(\\d\\d))?)?",
          Pattern.CASE_INSENSITIVE);

  /** One decoded event. */
  static final class Decoded {
    float[] dense;
    final List<List<Long>> bags = new ArrayList<>();
    final List<List<Float>> weights = new ArrayList<>();
    String eventId;
    long eventTime = DecodedEvent.NO_TIME;
    String label;
    final List<String> copied = new ArrayList<>();
    int cutBags;
    int unknownFields;

    /** The event, for messages. */
    String text;
  }

  static final class Rejected extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final DeadLetterReason reason;

    Rejected(DeadLetterReason reason) {
      super(reason.name(), null, false, false);
      this.reason = reason;
    }
  }

  /** What one pointer means: it reads the value there, which is not null. */
  private interface Field {
    void read(Node node);
  }

  /** A bag as it stands in the event; an id that is dropped is null. */
  private static final class Bag {
    final List<BigInteger> ids = new ArrayList<>();
    int length;
    List<Float> weights;
    int weightsLength;
  }

  private final EventMapping mapping;
  private final FeaturesConfig features;
  private final ModelConfig model;
  private final Map<List<String>, List<Field>> fields = new HashMap<>();
  private final Set<List<String>> prefixes = new HashSet<>();

  private Decoded out;
  private Float[] dense;
  private final List<Bag> bags = new ArrayList<>();
  private int elements;

  TreeEventDecoder(EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    this.mapping = mapping;
    this.features = features;
    this.model = model;
    add(mapping.id(), node -> out.eventId = eventId(node));
    add(mapping.time(), node -> out.eventTime = eventTime(node).longValueExact());
    add(mapping.label(), node -> out.label = copy(node));
    for (int i = 0; i < mapping.copy().size(); i++) {
      int place = i;
      add(mapping.copy().get(i), node -> out.copied.set(place, copy(node)));
    }
    for (int c = 0; c < features.dense().size(); c++) {
      int column = c;
      DenseFeature feature = features.dense().get(c);
      add(feature.source(), node -> dense[column] = finite(transformed(feature, number(node))));
    }
    for (int k = 0; k < features.sparse().size(); k++) {
      int key = k;
      SparseFeature feature = features.sparse().get(k);
      add(feature.source(), node -> readIds(feature, node, bags.get(key)));
      if (model.isWeighted()) {
        add(feature.weightsSource(), node -> readWeights(feature, node, bags.get(key)));
      }
    }
  }

  private void add(String pointer, Field field) {
    if (pointer == null) {
      return;
    }
    List<String> path =
        Arrays.stream(pointer.substring(1).split("/", -1))
            .map(s -> s.replace("~1", "/").replace("~0", "~"))
            .toList();
    fields.computeIfAbsent(path, p -> new ArrayList<>()).add(field);
    for (int i = 0; i < path.size(); i++) {
      prefixes.add(path.subList(0, i));
    }
  }

  /**
   * @throws Rejected with the reason of the event's first fault
   */
  Decoded decode(byte[] value) {
    require(value != null, DeadLetterReason.TOMBSTONE);
    require(value.length <= mapping.maxBytes(), DeadLetterReason.TOO_LARGE);
    require(
        !new String(value, java.nio.charset.StandardCharsets.ISO_8859_1).matches("[ \\t\\r\\n]*"),
        DeadLetterReason.EMPTY);
    String text = text(value);
    require(text.indexOf(0) < 0, DeadLetterReason.NOT_JSON);
    begin();
    Document document = StrictJson.parse(text);
    if (document.root().kind() != Kind.OBJECT) {
      throw new Rejected(
          document.broken() ? DeadLetterReason.NOT_JSON : DeadLetterReason.WRONG_TYPE);
    }
    readObject(List.of(), document.root());
    require(!document.broken(), DeadLetterReason.NOT_JSON);
    finish();
    return out;
  }

  private static String text(byte[] value) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw new Rejected(DeadLetterReason.NOT_JSON);
    }
  }

  private void begin() {
    out = new Decoded();
    mapping.copy().forEach(pointer -> out.copied.add(null));
    dense = new Float[features.dense().size()];
    elements = 0;
    bags.clear();
    features.sparse().forEach(feature -> bags.add(new Bag()));
  }

  private void finish() {
    out.dense = new float[dense.length];
    for (int c = 0; c < dense.length; c++) {
      DenseFeature feature = features.dense().get(c);
      require(
          dense[c] != null || feature.defaultValue().isPresent(), DeadLetterReason.MISSING_DENSE);
      out.dense[c] =
          dense[c] != null ? dense[c] : transformed(feature, feature.defaultValue().getAsDouble());
    }
    for (Bag bag : bags) {
      require(
          bag.weights == null || bag.weightsLength == bag.length, DeadLetterReason.RAGGED_WEIGHTS);
      List<Long> ids = new ArrayList<>();
      List<Float> weights = new ArrayList<>();
      if (bag.length == 0) {
        SparseFeature feature = features.sparse().get(out.bags.size());
        for (String element : feature.defaultElements().orElse(List.of())) {
          require(++elements <= mapping.maxIds(), DeadLetterReason.TOO_MANY_IDS);
          ids.add(id(feature, StrictJson.parse(element).root()).longValueExact());
          weights.add(1f);
        }
      }
      for (int i = 0; i < bag.ids.size(); i++) {
        if (bag.ids.get(i) != null) {
          ids.add(bag.ids.get(i).longValueExact());
          weights.add(bag.weights == null ? 1f : bag.weights.get(i));
        }
      }
      out.bags.add(ids);
      out.weights.add(weights);
    }
  }

  private void readObject(List<String> path, Node object) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < object.names().size(); i++) {
      Node node = object.children().get(i);
      List<String> child = new ArrayList<>(path);
      child.add(object.names().get(i));
      if (!prefixes.contains(child) && !fields.containsKey(child)) {
        require(!node.broken(), DeadLetterReason.NOT_JSON);
        out.unknownFields++;
        continue;
      }
      // A name is read together with the first token of its value.
      require(node.kind() != Kind.BROKEN, DeadLetterReason.NOT_JSON);
      require(seen.add(object.names().get(i)), DeadLetterReason.DUPLICATE_FIELD);
      require(node.kind() != Kind.TOO_DEEP, DeadLetterReason.NOT_JSON);
      readField(child, node);
    }
    require(!object.broken(), DeadLetterReason.NOT_JSON);
  }

  private void readField(List<String> path, Node node) {
    if (node.kind() == Kind.NULL) {
      return;
    }
    List<Field> readers = fields.getOrDefault(path, List.of());
    boolean leadsOn = prefixes.contains(path);
    if (node.isContainer() && readers.size() + (leadsOn ? 1 : 0) > 1) {
      require(!node.broken(), DeadLetterReason.NOT_JSON);
    }
    for (Field reader : readers) {
      reader.read(node);
    }
    if (leadsOn) {
      requireType(node, Kind.OBJECT);
      readObject(path, node);
    }
  }

  private static String copy(Node node) {
    require(!node.broken(), DeadLetterReason.NOT_JSON);
    return node.compact();
  }

  private static String eventId(Node node) {
    requireType(node, Kind.STRING, Kind.INTEGER);
    require(utf8(node.text()).length <= 1024, DeadLetterReason.EVENT_ID_TOO_LONG);
    return node.text();
  }

  private BigInteger eventTime(Node node) {
    BigInteger millis =
        switch (mapping.timeFormat()) {
          case EPOCH_MS -> {
            requireType(node, Kind.INTEGER);
            yield new BigInteger(node.text());
          }
          case EPOCH_S -> {
            requireType(node, Kind.INTEGER, Kind.FRACTION);
            yield millis(node.text());
          }
          case ISO8601 -> {
            requireType(node, Kind.STRING);
            utf8(node.text());
            yield isoMillis(node.text());
          }
        };
    require(
        millis.signum() >= 0 && millis.compareTo(LAST_MILLI) <= 0, DeadLetterReason.BAD_EVENT_TIME);
    return millis;
  }

  /** Of seconds with any exponent that leaves BigDecimal a scale of 32 bits. */
  private static BigInteger millis(String seconds) {
    BigDecimal exact;
    try {
      exact = new BigDecimal(seconds);
    } catch (NumberFormatException e) {
      throw new Rejected(DeadLetterReason.BAD_EVENT_TIME);
    }
    double rough = Double.parseDouble(seconds);
    if (!(Math.abs(rough) < 1e15)) {
      throw new Rejected(DeadLetterReason.BAD_EVENT_TIME);
    }
    if (Math.abs(rough) < 1e-9) {
      return BigInteger.valueOf(exact.signum() < 0 ? -1 : 0);
    }
    return exact.multiply(BigDecimal.valueOf(1000)).setScale(0, RoundingMode.FLOOR).toBigInteger();
  }

  private static BigInteger isoMillis(String text) {
    Matcher m = ISO.matcher(text);
    require(m.matches(), DeadLetterReason.BAD_EVENT_TIME);
    try {
      LocalDateTime local =
          LocalDateTime.of(part(m, 1), part(m, 2), part(m, 3), part(m, 4), part(m, 5), part(m, 6));
      int minutes = part(m, 10) * 60 + part(m, 11);
      require(part(m, 11) < 60 && minutes <= 18 * 60, DeadLetterReason.BAD_EVENT_TIME);
      long offset = (m.group(9) != null && m.group(9).equals("-") ? -1 : 1) * 60L * minutes;
      String fraction = m.group(7) == null ? "" : m.group(7);
      long millis = Long.parseLong((fraction + "000").substring(0, 3));
      return BigInteger.valueOf((local.toEpochSecond(ZoneOffset.UTC) - offset) * 1000 + millis);
    } catch (DateTimeException e) {
      throw new Rejected(DeadLetterReason.BAD_EVENT_TIME);
    }
  }

  private static int part(Matcher m, int group) {
    return m.group(group) == null ? 0 : Integer.parseInt(m.group(group));
  }

  private static float transformed(DenseFeature feature, double raw) {
    double x = raw;
    for (Transform step : feature.transforms()) {
      if (step instanceof Transform.Log1p) {
        x = StrictMath.log1p(x > 0 ? x : 0.0);
      } else if (step instanceof Transform.Standardize s) {
        x = (x - s.mean()) / s.std();
      } else if (step instanceof Transform.Clip c) {
        x = Math.min(Math.max(x, c.min()), c.max());
      }
    }
    return (float) x;
  }

  private static float finite(float x) {
    require(Float.isFinite(x), DeadLetterReason.NOT_FINITE);
    return x;
  }

  private static double number(Node node) {
    requireType(node, Kind.INTEGER, Kind.FRACTION);
    return node.kind() == Kind.INTEGER
        ? new BigInteger(node.text()).doubleValue()
        : Double.parseDouble(node.text());
  }

  private void readIds(SparseFeature feature, Node node, Bag bag) {
    List<Node> all = node.kind() == Kind.ARRAY ? node.children() : List.of(node);
    Node heldBack = null;
    for (Node element : all) {
      requireToken(element);
      boolean empty = element.kind() == Kind.STRING && element.text().isEmpty();
      if (feature.defaultElements().isPresent() && element == all.get(0) && empty) {
        require(!element.broken(), DeadLetterReason.NOT_JSON);
        heldBack = element;
        continue;
      }
      if (heldBack != null) {
        bag.length++;
        require(++elements <= mapping.maxIds(), DeadLetterReason.TOO_MANY_IDS);
        bag.ids.add(id(feature, heldBack));
        heldBack = null;
      }
      if (bag.length++ < feature.maxLength()) {
        require(++elements <= mapping.maxIds(), DeadLetterReason.TOO_MANY_IDS);
        bag.ids.add(id(feature, element));
      }
      require(!element.broken(), DeadLetterReason.NOT_JSON);
    }
    require(!node.broken(), DeadLetterReason.NOT_JSON);
    out.cutBags += bag.length > feature.maxLength() ? 1 : 0;
  }

  private static void readWeights(SparseFeature feature, Node node, Bag bag) {
    bag.weights = new ArrayList<>();
    for (Node element : node.kind() == Kind.ARRAY ? node.children() : List.of(node)) {
      requireToken(element);
      if (bag.weightsLength++ < feature.maxLength()) {
        bag.weights.add(finite((float) number(element)));
      }
      require(!element.broken(), DeadLetterReason.NOT_JSON);
    }
    require(!node.broken(), DeadLetterReason.NOT_JSON);
  }

  /** Null if it is dropped. */
  private BigInteger id(SparseFeature feature, Node node) {
    BigInteger rows =
        model.tables().stream()
            .filter(t -> t.featureNames().contains(feature.name()))
            .map(t -> BigInteger.valueOf(t.numEmbeddings()))
            .reduce(BigInteger::min)
            .orElseThrow();
    if (feature.encoding() instanceof Encoding.Id e) {
      BigInteger id = integer(node, e.accept());
      require(id != null, DeadLetterReason.WRONG_TYPE);
      if (id.signum() >= 0 && id.compareTo(rows) < 0) {
        return id;
      }
      require(e.onOutOfRange() != Encoding.OnOutOfRange.REJECT, DeadLetterReason.ID_OUT_OF_RANGE);
      return e.onOutOfRange() == Encoding.OnOutOfRange.DROP ? null : id.mod(rows);
    }
    if (feature.encoding() instanceof Encoding.Hash e) {
      BigInteger integer = integer(node, e.accept());
      require(integer != null || node.kind() == Kind.STRING, DeadLetterReason.WRONG_TYPE);
      String text = integer == null ? node.text() : integer.toString();
      BigInteger hash = BigInteger.valueOf(murmur3(utf8(text), e.seed()));
      if (e.signedness() != Encoding.Signedness.UNSIGNED) {
        hash = BigInteger.valueOf(hash.intValue());
      }
      if (e.signedness() == Encoding.Signedness.ABS) {
        hash = hash.abs();
      }
      return hash.mod(BigInteger.valueOf(e.buckets())).add(BigInteger.valueOf(e.offset()));
    }
    if (feature.encoding() instanceof Encoding.Bucketize e) {
      double x = number(node);
      return BigInteger.valueOf(e.boundaries().stream().filter(b -> b <= x).count());
    }
    requireType(node, Kind.STRING);
    utf8(node.text());
    if (feature.encoding() instanceof Encoding.Vocabulary e) {
      return BigInteger.valueOf(e.words().indexOf(node.text()) + 1);
    }
    require(node.text().matches("[0-9a-fA-F]{1,16}"), DeadLetterReason.BAD_HEX);
    BigInteger value = new BigInteger(node.text(), 16);
    boolean narrow = ((Encoding.Hex) feature.encoding()).width() == 32;
    return (narrow ? BigInteger.valueOf(value.intValue()) : value).mod(rows);
  }

  /** Null if the value is no integer, nor accepted as one. */
  private static BigInteger integer(Node node, Accept accept) {
    requireType(node, Kind.values());
    if (node.kind() == Kind.INTEGER) {
      return new BigInteger(node.text());
    }
    if (node.kind() == Kind.STRING && accept.strings()) {
      utf8(node.text());
      boolean decimal = node.text().matches("-?(0|[1-9][0-9]{0,999})");
      return decimal ? new BigInteger(node.text()) : null;
    }
    if (node.kind() == Kind.FRACTION && accept.floats()) {
      if (Math.abs(Double.parseDouble(node.text())) > 0x1p53) {
        return null;
      }
      try {
        BigDecimal exact = new BigDecimal(node.text());
        BigDecimal whole = exact.remainder(BigDecimal.ONE).signum() == 0 ? exact : null;
        boolean fits = whole != null && whole.abs().compareTo(new BigDecimal(1L << 53)) <= 0;
        return fits ? whole.toBigInteger() : null;
      } catch (ArithmeticException | NumberFormatException e) {
        return null;
      }
    }
    return null;
  }

  /** MurmurHash3_x86_32 from its description, in 64-bit arithmetic. */
  static long murmur3(byte[] data, int seed) {
    long mask = 0xFFFFFFFFL;
    long h = seed & mask;
    for (int i = 0; i < data.length; i += 4) {
      long k = 0;
      for (int j = 0; j < Math.min(4, data.length - i); j++) {
        k |= (data[i + j] & 0xFFL) << (8 * j);
      }
      k = k * 0xcc9e2d51L & mask;
      k = ((k << 15) | (k >>> 17)) & mask;
      h ^= k * 0x1b873593L & mask;
      if (i + 4 <= data.length) {
        h = ((h << 13) | (h >>> 19)) & mask;
        h = h * 5 + 0xe6546b64L & mask;
      }
    }
    h ^= data.length;
    h = (h ^ h >>> 16) * 0x85ebca6bL & mask;
    h = (h ^ h >>> 13) * 0xc2b2ae35L & mask;
    return h ^ h >>> 16;
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer buffer = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new Rejected(DeadLetterReason.NOT_JSON);
    }
  }

  /** A string is looked at as a whole, of an object or array only where it begins. */
  private static void requireType(Node node, Kind... kinds) {
    require(node.isContainer() || !node.broken(), DeadLetterReason.NOT_JSON);
    require(Arrays.asList(kinds).contains(node.kind()), DeadLetterReason.WRONG_TYPE);
  }

  private static void requireToken(Node node) {
    require(node.kind() != Kind.BROKEN && node.kind() != Kind.TOO_DEEP, DeadLetterReason.NOT_JSON);
  }

  private static void require(boolean accepted, DeadLetterReason otherwise) {
    if (!accepted) {
      throw new Rejected(otherwise);
    }
  }
}

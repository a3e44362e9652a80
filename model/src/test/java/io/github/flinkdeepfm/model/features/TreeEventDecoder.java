package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.StrictJson.Kind;
import io.github.flinkdeepfm.model.features.StrictJson.Node;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The slow twin of {@link EventDecoder}: builds the whole tree, looks each pointer up by itself and
 * computes with big numbers. It says what a row is, or that there is none, not why.
 */
final class TreeEventDecoder {
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
  }

  private final EventMapping mapping;
  private final FeaturesConfig features;
  private final ModelConfig model;
  private final Set<List<String>> prefixes = new HashSet<>();
  private final Set<List<String>> pointers = new HashSet<>();

  TreeEventDecoder(EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    this.mapping = mapping;
    this.features = features;
    this.model = model;
    List<String> all = new ArrayList<>(mapping.copy());
    all.addAll(List.of(mapping.id(), mapping.time(), mapping.label()));
    features.dense().forEach(f -> all.add(f.source()));
    features.sparse().forEach(f -> all.add(f.source()));
    if (model.isWeighted()) {
      features.sparse().forEach(f -> all.add(f.weightsSource()));
    }
    for (String pointer : all) {
      List<String> path = path(pointer);
      pointers.add(path);
      for (int i = 0; i < path.size(); i++) {
        prefixes.add(path.subList(0, i));
      }
    }
  }

  Decoded decode(byte[] value) {
    require(value != null && value.length <= mapping.maxBytes());
    for (byte b : value) {
      require(b != 0);
    }
    Node root;
    try {
      root = StrictJson.parse(value);
    } catch (StrictJson.NotJson e) {
      throw new Rejected();
    }
    require(root.kind() == Kind.OBJECT);
    Decoded out = new Decoded();
    checkFields(root, List.of(), out);
    out.eventId = eventId(find(root, mapping.id()));
    out.eventTime = eventTime(find(root, mapping.time()));
    Node label = find(root, mapping.label());
    out.label = label == null ? null : label.compact();
    for (String pointer : mapping.copy()) {
      Node copy = find(root, pointer);
      out.copied.add(copy == null ? null : copy.compact());
    }
    out.dense = new float[features.dense().size()];
    for (int c = 0; c < out.dense.length; c++) {
      DenseFeature feature = features.dense().get(c);
      out.dense[c] = dense(feature, find(root, feature.source()));
    }
    int total = 0;
    for (SparseFeature feature : features.sparse()) {
      total += bag(feature, root, out);
    }
    require(total <= mapping.maxIds());
    return out;
  }

  private void checkFields(Node object, List<String> path, Decoded out) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < object.names().size(); i++) {
      String name = object.names().get(i);
      List<String> child = new ArrayList<>(path);
      child.add(name);
      boolean leadsOn = prefixes.contains(child);
      if (!leadsOn && !pointers.contains(child)) {
        out.unknownFields++;
        continue;
      }
      require(seen.add(name));
      Node node = object.children().get(i);
      if (leadsOn && node.kind() != Kind.NULL) {
        require(node.kind() == Kind.OBJECT);
        checkFields(node, child, out);
      }
    }
  }

  private static Node find(Node root, String pointer) {
    Node node = root;
    for (String name : path(pointer)) {
      int i = node.names().indexOf(name);
      if (i < 0 || node.children().get(i).kind() == Kind.NULL) {
        return null;
      }
      node = node.children().get(i);
    }
    return node;
  }

  private static List<String> path(String pointer) {
    return Arrays.stream(pointer.substring(1).split("/", -1))
        .map(s -> s.replace("~1", "/").replace("~0", "~"))
        .toList();
  }

  private static String eventId(Node node) {
    if (node == null) {
      return null;
    }
    require(node.kind() == Kind.STRING || node.kind() == Kind.INTEGER);
    require(utf8(node.text()).length <= 1024);
    return node.text();
  }

  private long eventTime(Node node) {
    if (node == null) {
      return DecodedEvent.NO_TIME;
    }
    BigInteger millis;
    try {
      millis =
          switch (mapping.timeFormat()) {
            case EPOCH_MS -> {
              require(node.kind() == Kind.INTEGER);
              yield new BigInteger(node.text());
            }
            case EPOCH_S -> {
              require(node.isNumber() && Math.abs(Double.parseDouble(node.text())) < 1e15);
              yield new BigDecimal(node.text())
                  .multiply(BigDecimal.valueOf(1000))
                  .setScale(0, RoundingMode.FLOOR)
                  .toBigInteger();
            }
            case ISO8601 -> {
              require(node.kind() == Kind.STRING);
              yield BigInteger.valueOf(isoInstant(node.text()).toEpochMilli());
            }
          };
    } catch (DateTimeException e) {
      throw new Rejected();
    }
    require(millis.signum() >= 0);
    require(millis.compareTo(BigInteger.valueOf(253_402_300_799_999L)) <= 0);
    return millis.longValueExact();
  }

  private static Instant isoInstant(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return LocalDateTime.parse(text).toInstant(java.time.ZoneOffset.UTC);
    }
  }

  private static float dense(DenseFeature feature, Node node) {
    require(node != null || feature.defaultValue().isPresent());
    double x = node == null ? feature.defaultValue().getAsDouble() : number(node);
    for (Transform step : feature.transforms()) {
      if (step instanceof Transform.Log1p) {
        x = StrictMath.log1p(x > 0 ? x : 0.0);
      } else if (step instanceof Transform.Standardize s) {
        x = (x - s.mean()) / s.std();
      } else if (step instanceof Transform.Clip c) {
        x = Math.min(Math.max(x, c.min()), c.max());
      }
    }
    require(Float.isFinite((float) x));
    return (float) x;
  }

  private static double number(Node node) {
    require(node.isNumber());
    return node.kind() == Kind.INTEGER
        ? new BigInteger(node.text()).doubleValue()
        : Double.parseDouble(node.text());
  }

  /** Returns how many elements count. */
  private int bag(SparseFeature feature, Node root, Decoded out) {
    List<Node> full = elements(find(root, feature.source()));
    int kept = Math.min(full.size(), feature.maxLength());
    out.cutBags += kept < full.size() ? 1 : 0;
    Node weightsNode = model.isWeighted() ? find(root, feature.weightsSource()) : null;
    List<Node> fullWeights = elements(weightsNode);
    require(weightsNode == null || fullWeights.size() == full.size());
    List<Long> ids = new ArrayList<>();
    List<Float> weights = new ArrayList<>();
    for (int i = 0; i < kept; i++) {
      float weight = weightsNode == null ? 1f : (float) number(fullWeights.get(i));
      require(Float.isFinite(weight));
      BigInteger id = id(feature, full.get(i));
      if (id != null) {
        ids.add(id.longValueExact());
        weights.add(weight);
      }
    }
    out.bags.add(ids);
    out.weights.add(weights);
    return kept;
  }

  private static List<Node> elements(Node node) {
    if (node == null) {
      return List.of();
    }
    return node.kind() == Kind.ARRAY ? node.children() : List.of(node);
  }

  private BigInteger id(SparseFeature feature, Node node) {
    BigInteger rows =
        model.tables().stream()
            .filter(t -> t.featureNames().contains(feature.name()))
            .map(t -> BigInteger.valueOf(t.numEmbeddings()))
            .reduce(BigInteger::min)
            .orElseThrow();
    if (feature.encoding() instanceof Encoding.Id e) {
      require(node.kind() == Kind.INTEGER);
      BigInteger id = new BigInteger(node.text());
      if (id.signum() >= 0 && id.compareTo(rows) < 0) {
        return id;
      }
      require(e.onOutOfRange() != Encoding.OnOutOfRange.REJECT);
      return e.onOutOfRange() == Encoding.OnOutOfRange.DROP ? null : id.mod(rows);
    }
    if (feature.encoding() instanceof Encoding.Hash e) {
      require(node.kind() == Kind.STRING || node.kind() == Kind.INTEGER);
      boolean minusZero = node.kind() == Kind.INTEGER && node.text().equals("-0");
      long hash = murmur3(utf8(minusZero ? "0" : node.text()), e.seed());
      return BigInteger.valueOf(hash % e.buckets() + e.offset());
    }
    if (feature.encoding() instanceof Encoding.Bucketize e) {
      double x = number(node);
      return BigInteger.valueOf(e.boundaries().stream().filter(b -> b <= x).count());
    }
    require(node.kind() == Kind.STRING);
    utf8(node.text());
    if (feature.encoding() instanceof Encoding.Vocabulary e) {
      return BigInteger.valueOf(e.words().indexOf(node.text()) + 1);
    }
    require(node.text().matches("[0-9a-fA-F]{1,16}"));
    return new BigInteger(node.text(), 16).mod(rows);
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
      throw new Rejected();
    }
  }

  private static void require(boolean accepted) {
    if (!accepted) {
      throw new Rejected();
    }
  }
}

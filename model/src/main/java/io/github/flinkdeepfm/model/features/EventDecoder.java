package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * From an event's bytes to a row of columns, in one pass and without a tree.
 *
 * <p>An event becomes a row or is rejected with a reason, never both, never neither. When it has
 * several faults, the first in the order of the document is the reason; what only its end can tell
 * (a dense feature that is missing, weights that do not fit their bag) comes after, in the model's
 * order. Null is the same as absent everywhere but inside an array.
 *
 * <p>Not thread-safe; each slot has its own.
 */
public final class EventDecoder {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_EVENT_ID_BYTES = 1024;

  private final EventMapping mapping;
  private final FeaturesConfig features;
  private final boolean weighted;
  private final JsonFactory json;
  private final FieldTrie trie = new FieldTrie();
  private final BagEncoder encoder = new BagEncoder();

  private final float[] denseDefaults;
  private final boolean[] denseSet;
  private final Encoding[] encodings;
  private final int[] maxLengths;
  private final int[] elements;
  private final int[] weightCounts;
  private final boolean[] weightsSet;
  private final float[][] weights;

  /** positions[f][i]: which element the i-th id of the bag was, where ids may have been dropped. */
  private final int[][] positions;

  private byte[] value;
  private JsonParser parser;
  private FeatureBatch batch;
  private DecodedEvent out;
  private long serial;
  private int ids;

  public EventDecoder(EventMapping mapping, FeaturesConfig features, ModelConfig config) {
    this.mapping = mapping;
    this.features = features;
    this.weighted = config.isWeighted();
    this.json =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(mapping.maxBytes())
                    .build())
            .build();
    int f = features.sparse().size();
    denseSet = new boolean[features.dense().size()];
    denseDefaults = new float[denseSet.length];
    encodings = features.sparse().stream().map(SparseFeature::encoding).toArray(Encoding[]::new);
    maxLengths = features.sparse().stream().mapToInt(SparseFeature::maxLength).toArray();
    elements = new int[f];
    weightCounts = new int[f];
    weightsSet = new boolean[f];
    weights = new float[f][weighted ? 16 : 0];
    positions = new int[f][weighted ? 16 : 0];
    mapFields();
  }

  private void mapFields() {
    for (int i = 0; i < denseSet.length; i++) {
      DenseFeature feature = features.dense().get(i);
      FieldTrie.Node node = trie.at(feature.source());
      node.dense = FieldTrie.append(node.dense, i);
      denseDefaults[i] =
          feature.defaultValue().isPresent()
              ? feature.transform(feature.defaultValue().getAsDouble())
              : Float.NaN;
    }
    for (int i = 0; i < encodings.length; i++) {
      SparseFeature feature = features.sparse().get(i);
      FieldTrie.Node node = trie.at(feature.source());
      node.sparse = FieldTrie.append(node.sparse, i);
      if (weighted) {
        FieldTrie.Node weightsNode = trie.at(feature.weightsSource());
        weightsNode.weights = FieldTrie.append(weightsNode.weights, i);
      }
    }
    trie.at(mapping.id()).id = true;
    trie.at(mapping.time()).time = true;
    trie.at(mapping.label()).label = true;
    for (int i = 0; i < mapping.copy().size(); i++) {
      FieldTrie.Node node = trie.at(mapping.copy().get(i));
      node.copies = FieldTrie.append(node.copies, i);
    }
  }

  /** An empty batch of the columns that this decoder fills. */
  public FeatureBatch newBatch() {
    List<String> keys = features.sparse().stream().map(SparseFeature::name).toList();
    return new FeatureBatch(features.dense().size(), keys, weighted);
  }

  /**
   * Appends the event to {@code batch} as one row, and what it carries beside its features to
   * {@code out}.
   *
   * @param bytes the event; null for a tombstone
   * @throws RejectedEventException if it cannot be scored; the batch is then as before
   */
  public void decode(byte[] bytes, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    checkBytes(bytes);
    this.value = bytes;
    this.batch = batch;
    this.out = out;
    reset();
    batch.beginRow();
    try (JsonParser opened = json.createParser(bytes)) {
      parser = opened;
      readDocument();
      finish();
    } catch (JsonProcessingException e) {
      batch.rollbackRow();
      throw new RejectedEventException(
          DeadLetterReason.NOT_JSON,
          "expected JSON, got " + Rejections.cut(e.getOriginalMessage()));
    } catch (IOException e) {
      batch.rollbackRow();
      throw new RejectedEventException(
          DeadLetterReason.NOT_JSON, "expected JSON, got " + Rejections.cut(e.toString()));
    } catch (RejectedEventException e) {
      batch.rollbackRow();
      throw e;
    }
    batch.commitRow();
  }

  private void checkBytes(byte[] bytes) throws RejectedEventException {
    if (bytes == null) {
      throw new RejectedEventException(
          DeadLetterReason.TOMBSTONE, "expected an event, got a record without a value");
    }
    if (bytes.length > mapping.maxBytes()) {
      throw new RejectedEventException(
          DeadLetterReason.TOO_LARGE,
          "expected at most " + mapping.maxBytes() + " bytes, got " + bytes.length);
    }
    int i = 0;
    while (i < bytes.length && isSpace(bytes[i])) {
      i++;
    }
    if (i == bytes.length) {
      throw new RejectedEventException(
          DeadLetterReason.EMPTY,
          "expected an event, got " + bytes.length + " bytes of white space");
    }
    // Jackson would take a first byte of NUL, FE, FF or EF for another encoding or its mark.
    if (bytes[i] <= 0 || (i + 1 < bytes.length && bytes[i + 1] == 0) || !Utf8.isValid(bytes)) {
      throw new RejectedEventException(
          DeadLetterReason.NOT_JSON, "expected JSON in UTF-8, got other bytes");
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private void reset() {
    serial++;
    ids = 0;
    Arrays.fill(denseSet, false);
    Arrays.fill(elements, 0);
    if (weighted) {
      Arrays.fill(weightCounts, 0);
      Arrays.fill(weightsSet, false);
    }
    out.eventId = null;
    out.eventTime = DecodedEvent.NO_TIME;
    out.label = null;
    out.cutBags = 0;
    out.unknownFields = 0;
    if (out.copied.length != mapping.copy().size()) {
      out.copied = new byte[mapping.copy().size()][];
    } else {
      Arrays.fill(out.copied, null);
    }
  }

  private void readDocument() throws IOException, RejectedEventException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new RejectedEventException(
          DeadLetterReason.NOT_JSON, "expected a JSON object, got " + parser.currentToken());
    }
    readObject(trie.root);
    if (parser.nextToken() != null) {
      throw new RejectedEventException(
          DeadLetterReason.NOT_JSON, "expected one JSON object, got more after it");
    }
  }

  private void readObject(FieldTrie.Node node) throws IOException, RejectedEventException {
    FieldTrie.Node previous = node;
    String field;
    while ((field = parser.nextFieldName()) != null) {
      FieldTrie.Node child = node.child(field, previous);
      parser.nextToken();
      if (child == null) {
        out.unknownFields++;
        parser.skipChildren();
        continue;
      }
      previous = child;
      if (child.seenIn == serial) {
        throw Rejections.of(
            DeadLetterReason.DUPLICATE_FIELD,
            "expected the field once, got it twice",
            child.pointer);
      }
      child.seenIn = serial;
      if (parser.currentToken() != JsonToken.VALUE_NULL) {
        readField(child);
      }
    }
  }

  private void readField(FieldTrie.Node node) throws IOException, RejectedEventException {
    long start = node.isCopied() ? parser.currentTokenLocation().getByteOffset() : 0;
    JsonToken token = parser.currentToken();
    boolean object = token == JsonToken.START_OBJECT;
    if (!node.children.isEmpty() && !object) {
      throw Rejections.expected(DeadLetterReason.WRONG_TYPE, "an object", parser, node.pointer);
    }
    if (node.isScalar()) {
      readScalar(node);
    }
    if (node.isBag()) {
      if (object) {
        throw Rejections.expected(
            DeadLetterReason.WRONG_TYPE, "an array or a scalar", parser, node.pointer);
      }
      readBag(node);
    } else if (!node.children.isEmpty()) {
      readObject(node);
    } else {
      parser.skipChildren();
    }
    if (node.isCopied()) {
      copy(node, (int) start);
    }
  }

  private void copy(FieldTrie.Node node, int start) throws IOException {
    parser.finishToken();
    byte[] text = CompactJson.copy(value, start, (int) parser.currentLocation().getByteOffset());
    if (node.label) {
      out.label = text;
    }
    for (int i : node.copies) {
      out.copied[i] = text;
    }
  }

  private void readScalar(FieldTrie.Node node) throws IOException, RejectedEventException {
    if (node.dense.length > 0) {
      readDense(node);
    }
    if (node.id) {
      out.eventId = readEventId(node);
    }
    if (node.time) {
      out.eventTime = EventTimes.read(parser, mapping);
    }
  }

  private void readDense(FieldTrie.Node node) throws IOException, RejectedEventException {
    if (!parser.currentToken().isNumeric()) {
      throw Rejections.expected(DeadLetterReason.WRONG_TYPE, "a number", parser, node.pointer);
    }
    double raw = parser.getDoubleValue();
    for (int column : node.dense) {
      float transformed = features.dense().get(column).transform(raw);
      if (!Float.isFinite(transformed)) {
        throw Rejections.expected(
            DeadLetterReason.NOT_FINITE,
            "a number that is finite as f32 after its transforms",
            parser,
            node.pointer);
      }
      batch.setDense(column, transformed);
      denseSet[column] = true;
    }
  }

  private String readEventId(FieldTrie.Node node) throws IOException, RejectedEventException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      BagEncoder.checkPaired(parser, node.pointer);
    } else if (token != JsonToken.VALUE_NUMBER_INT) {
      throw Rejections.expected(
          DeadLetterReason.WRONG_TYPE, "a string or an integer", parser, node.pointer);
    }
    String id = parser.getText();
    if (id.length() > MAX_EVENT_ID_BYTES
        || (3 * id.length() > MAX_EVENT_ID_BYTES && utf8Length(id) > MAX_EVENT_ID_BYTES)) {
      throw Rejections.of(
          DeadLetterReason.EVENT_ID_TOO_LONG,
          "expected at most " + MAX_EVENT_ID_BYTES + " bytes of UTF-8, got " + utf8Length(id),
          node.pointer);
    }
    return id;
  }

  private static int utf8Length(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
  }

  /** An array of elements, or one element, for every feature that reads from here. */
  private void readBag(FieldTrie.Node node) throws IOException, RejectedEventException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        readElement(node);
        parser.skipChildren();
      }
    } else {
      readElement(node);
    }
    for (int f : node.weights) {
      weightsSet[f] = true;
    }
  }

  private void readElement(FieldTrie.Node node) throws IOException, RejectedEventException {
    for (int f : node.sparse) {
      int element = elements[f]++;
      if (element < maxLengths[f]) {
        addId(node, f, element);
      }
    }
    for (int f : node.weights) {
      int element = weightCounts[f]++;
      if (element < maxLengths[f]) {
        addWeight(node, f, element);
      }
    }
  }

  private void addId(FieldTrie.Node node, int f, int element)
      throws IOException, RejectedEventException {
    if (++ids > mapping.maxIds()) {
      throw Rejections.of(
          DeadLetterReason.TOO_MANY_IDS,
          "expected at most " + mapping.maxIds() + " ids in an event, got more",
          node.pointer);
    }
    long id = encoder.encode(encodings[f], parser, node.pointer);
    if (id == BagEncoder.DROPPED) {
      return;
    }
    if (weighted) {
      int n = batch.bagLength(f);
      if (n == positions[f].length) {
        positions[f] = Arrays.copyOf(positions[f], n * 2);
      }
      positions[f][n] = element;
    }
    batch.addId(f, id);
  }

  private void addWeight(FieldTrie.Node node, int f, int element)
      throws IOException, RejectedEventException {
    if (!parser.currentToken().isNumeric()) {
      throw Rejections.expected(DeadLetterReason.WRONG_TYPE, "a weight", parser, node.pointer);
    }
    if (element >= mapping.maxIds()) {
      throw Rejections.of(
          DeadLetterReason.TOO_MANY_IDS,
          "expected at most " + mapping.maxIds() + " weights, got more",
          node.pointer);
    }
    float weight = (float) parser.getDoubleValue();
    if (!Float.isFinite(weight)) {
      throw Rejections.expected(
          DeadLetterReason.NOT_FINITE, "a weight that is finite as f32", parser, node.pointer);
    }
    if (element == weights[f].length) {
      weights[f] = Arrays.copyOf(weights[f], element * 2);
    }
    weights[f][element] = weight;
  }

  /** What only the event's end can tell. */
  private void finish() throws RejectedEventException {
    for (int column = 0; column < denseSet.length; column++) {
      if (!denseSet[column]) {
        DenseFeature feature = features.dense().get(column);
        if (feature.defaultValue().isEmpty()) {
          throw Rejections.of(
              DeadLetterReason.MISSING_DENSE,
              "expected a value for " + Rejections.cut(feature.name()) + ", which has no default",
              feature.source());
        }
        batch.setDense(column, denseDefaults[column]);
      }
    }
    for (int f = 0; f < elements.length; f++) {
      if (elements[f] > maxLengths[f]) {
        out.cutBags++;
      }
      if (weighted && weightsSet[f]) {
        setWeights(f);
      }
    }
  }

  private void setWeights(int f) throws RejectedEventException {
    if (weightCounts[f] != elements[f]) {
      throw Rejections.of(
          DeadLetterReason.RAGGED_WEIGHTS,
          "expected " + elements[f] + " weights, one for each element, got " + weightCounts[f],
          features.sparse().get(f).weightsSource());
    }
    for (int i = 0, n = batch.bagLength(f); i < n; i++) {
      batch.setWeight(f, i, weights[f][positions[f][i]]);
    }
  }
}

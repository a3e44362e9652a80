package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.registry.Framing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decodes one event's JSON bytes straight into a row of columns, without a tree.
 *
 * <pre>
 *   byte[] ─▶ UTF-8 check ─▶ scanner or streaming parser ─▶ one {@link FieldReader} a field ─▶ {@link FeatureBatch}
 * </pre>
 *
 * An ordinary event is scanned in place and leaves no garbage; for an unusual one, and for all that
 * is wrong with one, there is the parser (see the package's description).
 *
 * <p>What is accepted:
 *
 * <ul>
 *   <li>One JSON object (RFC 8259) in well-formed UTF-8 without NUL bytes or byte order mark,
 *       nested at most 64 deep, numbers of at most 1000 digits; also in the parts that are skipped.
 *   <li>A mapped field, or an object on the way to one, once. Other fields are skipped, and counted
 *       in the objects that the mapping looks into.
 *   <li>An absent or null object on the way makes the field absent; any other value there, an array
 *       too, is a wrong type.
 *   <li>A string that is used must be Unicode text: an escaped unpaired surrogate is not. Copied
 *       fields and the label are not decoded, their escapes stay as they are.
 *   <li>The integer -0 is 0 (its text for {@code hash} is "0"), the number -0.0 keeps its sign.
 *   <li>A bag is an array or one element by itself, its weights an array or one number; either form
 *       goes with the other. {@code max_length} cuts a bag and its weights after their lengths were
 *       compared; what is cut may be of any type. The limit of ids counts what is left then,
 *       dropped ids too.
 *   <li>In an unweighted model weights are unknown fields.
 * </ul>
 *
 * <p>An event of several faults is rejected for the first of them in this order: size; UTF-8; the
 * faults in document order (broken syntax at the place where it breaks); missing dense features in
 * column order; ragged weights in the KJT's order. Readers that share a pointer read in the order
 * id, time, label, copies, dense, sparse features each with its weights, pointers that lead on; for
 * them an array or object is checked as a whole first.
 *
 * <p>Not thread-safe.
 */
public final class JsonEventDecoder implements EventDecoder {
  /** Events in a row that the scanner leaves to the parser before it is asked less often. */
  private static final int PATIENCE = 16;

  private final EventMapping mapping;
  private final List<String> keys;
  private final int numDense;

  /** The dense row of an event without any dense field. */
  private final float[] defaults;

  private final boolean weighted;
  private final FieldTrie trie = new FieldTrie();
  private final FieldReader[] featureReaders;
  private final FieldScan scan;
  private final Row row;
  private final EventFormat.Json format;

  /** Its table of names outlives an event: this decoder's own, so that a new decoder's is new. */
  private JsonFactory json = JsonCursor.newFactory();

  private int unscannedInARow;
  private long scanned;

  /** Of events without a frame. */
  public JsonEventDecoder(EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    this(mapping, (EventFormat.Json) EventFormat.JSON, features, model);
  }

  /**
   * @param mapping where an event carries what is not a feature; null pointers are not mapped
   * @param format what is in front of an event's text
   * @param features of the same model
   * @throws IllegalArgumentException if a pointer is not a JSON pointer
   */
  public JsonEventDecoder(
      EventMapping mapping, EventFormat.Json format, FeaturesConfig features, ModelConfig model) {
    this.mapping = mapping;
    this.format = format;
    keys = features.sparse().stream().map(SparseFeature::name).toList();
    numDense = features.dense().size();
    defaults = new float[numDense];
    weighted = model.isWeighted();
    row = new Row(mapping.maxIds());
    addMapped(mapping.id(), new EventIdReader(mapping.id()));
    addMapped(mapping.time(), new EventTimeReader(mapping.timeFormat(), mapping.time()));
    addMapped(mapping.label(), new CopyReader(CopyReader.LABEL));
    for (int i = 0; i < mapping.copy().size(); i++) {
      addMapped(mapping.copy().get(i), new CopyReader(i));
    }
    featureReaders = addFeatures(features, model).toArray(new FieldReader[0]);
    scan = trie.newScan();
  }

  private void addMapped(String pointer, FieldReader reader) {
    if (pointer != null) {
      trie.add(pointer, reader);
    }
  }

  /** The readers that have to begin and finish each row, in the order in which they finish. */
  private List<FieldReader> addFeatures(FeaturesConfig features, ModelConfig model) {
    List<FieldReader> readers = new ArrayList<>();
    for (int column = 0; column < numDense; column++) {
      DenseFeature feature = features.dense().get(column);
      DenseReader reader = new DenseReader(feature, column);
      trie.add(feature.source(), reader);
      defaults[column] = reader.defaultColumn();
      if (!reader.hasDefault()) {
        readers.add(reader);
      }
    }
    Map<String, Long> tableRows = FeaturesConfig.tableRows(model);
    for (int key = 0; key < keys.size(); key++) {
      SparseFeature feature = features.sparse().get(key);
      IdEncoder encoder = IdEncoder.of(feature, tableRows.get(feature.name()));
      BagDefault orElse = BagDefault.of(feature, key, encoder);
      WeightedBag bag = weighted ? new WeightedBag(feature, key, mapping.maxIds(), orElse) : null;
      SparseReader reader = new SparseReader(feature, key, encoder, orElse, bag);
      trie.add(feature.source(), reader);
      if (weighted) {
        trie.add(feature.weightsSource(), bag);
        readers.add(bag);
      } else if (orElse != null) {
        readers.add(reader);
      }
    }
    return readers;
  }

  @Override
  public FeatureBatch newBatch() {
    return new FeatureBatch(numDense, keys, weighted);
  }

  @Override
  public void decode(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    int start = requireText(value);
    if (triesScan() && scan(value, start, batch, out)) {
      unscannedInARow = 0;
      scanned++;
    } else {
      unscannedInARow++;
      parse(value, start, batch, out);
    }
  }

  /** As {@link #decode}, which has to agree with it, by the parser alone. */
  void decodeByParser(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    parse(value, requireText(value), batch, out);
  }

  /** The same without the parser's table of names. */
  void decodeWithoutTable(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    int start = requireText(value);
    try {
      parse(JsonCursor.withoutTable(value, start), batch, out);
    } catch (JsonProcessingException e) {
      throw NotJson.rejection(value, bodyStart(value), e, start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stream whose events are all unusual is not scanned in vain each time. */
  private boolean triesScan() {
    return unscannedInARow < PATIENCE || unscannedInARow % PATIENCE == 0;
  }

  /** Whether the event is an ordinary one and was read; otherwise all is as before. */
  private boolean scan(byte[] value, int start, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    int end = value.length;
    while (JsonCursor.isWhiteSpace(value[end - 1])) {
      end--;
    }
    boolean committed = false;
    beginRow(batch, out);
    try {
      if (scan.read(value, start, end, row)) {
        finishRow();
        committed = true;
      }
    } finally {
      if (!committed) {
        batch.rollbackRow();
      }
    }
    return committed;
  }

  private void parse(byte[] value, int start, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    try {
      try {
        parse(JsonCursor.of(json, value, start), batch, out);
      } catch (JsonProcessingException e) {
        if (!JsonCursor.isTableFull(e)) {
          throw e;
        }
        json = JsonCursor.newFactory(); // the events after it begin with an empty one
        parse(JsonCursor.withoutTable(value, start), batch, out);
      }
    } catch (JsonProcessingException e) {
      throw NotJson.rejection(value, bodyStart(value), e, start);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: the bytes are in memory
    }
  }

  private void parse(JsonCursor cursor, FeatureBatch batch, DecodedEvent out)
      throws IOException, RejectedEventException {
    boolean committed = false;
    beginRow(batch, out);
    try (cursor) {
      readObject(cursor);
      finishRow();
      committed = true;
    } finally {
      if (!committed) {
        batch.rollbackRow();
      }
    }
  }

  private void beginRow(FeatureBatch batch, DecodedEvent out) {
    batch.beginRow(defaults);
    row.begin(batch, out, mapping.copy().size());
    for (FieldReader reader : featureReaders) {
      reader.begin();
    }
  }

  private void finishRow() throws RejectedEventException {
    for (FieldReader reader : featureReaders) {
      reader.finish(row);
    }
    row.batch.commitRow();
  }

  /** Events that needed no parser. */
  long scanned() {
    return scanned;
  }

  /** Where the text begins, behind the frame and white space. */
  private int requireText(byte[] value) throws RejectedEventException {
    Bodies.require(value, mapping.maxBytes());
    int body = bodyStart(value);
    int start = body;
    while (start < value.length && JsonCursor.isWhiteSpace(value[start])) {
      start++;
    }
    if (start == value.length) {
      throw new RejectedEventException(
          DeadLetterReason.EMPTY,
          "expected a JSON object, got " + (start - body) + " bytes of white space");
    }
    int invalid = Utf8.findInvalid(value, body);
    if (invalid != Utf8.VALID) {
      throw NotJson.rejection(
          value,
          body,
          String.format("byte 0x%02x that is not UTF-8 text (byte %d)", value[invalid], invalid));
    }
    return start;
  }

  /** Where the frame ends. */
  private int bodyStart(byte[] value) throws RejectedEventException {
    Framing framing = format.framing();
    if (framing == Framing.NONE || value.length == 0 || (format.mayLackFrame() && value[0] != 0)) {
      return 0;
    }
    if (!framing.isFramed(value)) {
      throw new RejectedEventException(
          DeadLetterReason.MALFORMED,
          "expected an event framed as " + framing + ", got another first byte or less");
    }
    return framing.length();
  }

  private void readObject(JsonCursor cursor) throws IOException, RejectedEventException {
    JsonToken token = cursor.parser.nextToken();
    RejectedEventException wrongType = null;
    if (token == JsonToken.START_OBJECT) {
      trie.read(cursor, row);
    } else if (token != null) {
      wrongType = cursor.wrongType("an object", "the whole event");
      cursor.parser.skipChildren();
    }
    if (cursor.parser.nextToken() != null) {
      throw NotJson.rejection("more after its end");
    }
    if (wrongType != null) {
      throw wrongType;
    }
  }
}

/**
 * From raw events to columns: {@code features.json} says how, {@link
 * io.github.flinkdeepfm.model.features.EventDecoder} does it.
 *
 * <p>Enters: a model directory's {@code features.json} and the bytes of one event at a time, JSON
 * or (in packages of their own) Avro or Protobuf, which write their rows through a {@link
 * io.github.flinkdeepfm.model.features.MappedRow}. Leaves: rows of a {@link
 * io.github.flinkdeepfm.model.features.FeatureBatch}, and what is not a feature in a {@link
 * io.github.flinkdeepfm.model.features.DecodedEvent}; or a {@link
 * io.github.flinkdeepfm.model.features.RejectedEventException} with its reason. Events that are
 * Java values go the same way by {@link io.github.flinkdeepfm.model.features.RowBuilder}. Read
 * {@link io.github.flinkdeepfm.model.features.EventDecoder} first, then {@link
 * io.github.flinkdeepfm.model.features.FeaturesConfig}.
 *
 * <p>An event's bytes are read in one of two ways, which have to come to the same row or the same
 * rejection:
 *
 * <pre>
 *   ordinary   {@link JsonScanner} ─▶ {@link FieldScan} ─▶ {@link FieldReader#scan} ─┐
 *                   │ unusual or wrong: the row is rolled back                  ├─▶ {@link FeatureBatch}
 *                   ▼ and the event read from its start                         │
 *   all        {@link JsonCursor}  ─▶ {@link FieldTrie} ─▶ {@link FieldReader#read} ─┘
 * </pre>
 *
 * Jackson's parser is the authority on what JSON is and on every detail of a rejection. The scanner
 * is there for speed: it finds tokens in place, eight bytes at a time, expects each field where it
 * stood in the event before, and never makes an object. It does not judge: all that it does not
 * take goes to the parser.
 *
 * <p>Finding tokens is apart from filling columns ({@link IdEncoder#ofInteger}, {@link
 * IdEncoder#ofText}, {@link FeatureBatch}), which know nothing of JSON.
 *
 * <p>Turned down: a structural index of the whole event first, as simdjson builds it: it pays with
 * vectors of 32 or 64 bytes, and Java's Vector API still incubates. One parser for everything,
 * written here: strings with escapes, numbers of any length and the wording of faults are most of
 * the code and none of the time. Jackson's own streaming API alone: it takes longer for its tokens
 * than scanner and encoders together. Checking UTF-8 while scanning: as a pass of its own it takes
 * 3% and lets the scanner treat all bytes above 127 alike. A reader's type tested before it is
 * called, so that it can be inlined: no gain measured. Absent features counted as each row ends: it
 * took a tenth of decoding; a batch's marks are counted at once when somebody asks.
 */
package io.github.flinkdeepfm.model.features;

package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.replay.CaptureFile.Kind;
import io.github.flinkdeepfm.pipeline.replay.Range.Part;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;

/** A range that was captured to a file; see {@link CaptureFile}. Needs no Kafka. */
final class CapturedRecording implements Recording {
  private final Path file;
  private final JsonNode metadata;
  private final Range range;

  /**
   * @throws InvalidConfigurationException if it is not such a file
   */
  CapturedRecording(Path file) {
    this.file = file.toAbsolutePath();
    try (DataFileReader<GenericRecord> reader = open()) {
      String text = reader.getMetaString(CaptureFile.METADATA);
      if (text == null || !reader.getSchema().equals(CaptureFile.SCHEMA)) {
        throw new IOException("got an Avro file of something else");
      }
      metadata = new ObjectMapper().readTree(text);
      if (metadata.path("format").asInt() != CaptureFile.FORMAT) {
        throw new IOException(
            "expected format " + CaptureFile.FORMAT + ", got " + metadata.path("format"));
      }
      range = range(metadata);
    } catch (IOException | AvroRuntimeException e) {
      throw new InvalidConfigurationException(
          file.toString(), List.of("expected a file of replay --capture: " + e.getMessage()));
    }
  }

  /** Hash of the configuration of the job that it was captured of. */
  String configuration() {
    return metadata.path("configuration").asText();
  }

  @Override
  public Range range() {
    return range;
  }

  @Override
  public Source<RawEvent, ?, ?> events(Map<Integer, Span> spans) {
    return FileSource.forRecordStreamFormat(
            new CaptureFormat(spans), new org.apache.flink.core.fs.Path(file.toUri()))
        .setFileEnumerator(() -> new NonSplittingRecursiveEnumerator(path -> true))
        .build();
  }

  @Override
  public void readEvents(Reader reader) throws IOException {
    read(Kind.EVENT, reader);
  }

  @Override
  public void readScores(Reader reader) throws IOException {
    read(Kind.SCORE, reader);
  }

  @Override
  public void readDeadLetters(Reader reader) throws IOException {
    read(Kind.DEAD_LETTER, reader);
  }

  private void read(Kind kind, Reader reader) throws IOException {
    try (DataFileReader<GenericRecord> records = open()) {
      GenericRecord reuse = null;
      long read = 0;
      while (records.hasNext()) {
        reuse = records.next(reuse);
        Kind got = CaptureFile.kind(reuse);
        if (got == Kind.END && read == CaptureFile.decode(reuse).source().offset()) {
          return;
        }
        if (got == kind) {
          reader.accept(CaptureFile.decode(reuse), CaptureFile.appended(reuse));
        }
        read++;
      }
      throw new InvalidConfigurationException(
          file.toString(),
          List.of(
              "expected a whole capture, got one that was cut after %,d records".formatted(read)));
    } catch (AvroRuntimeException | EOFException e) {
      throw new InvalidConfigurationException(
          file.toString(), List.of("expected a whole capture, got " + e.getMessage()));
    }
  }

  private DataFileReader<GenericRecord> open() throws IOException {
    return new DataFileReader<>(file.toFile(), new GenericDatumReader<>());
  }

  private static Range range(JsonNode metadata) throws IOException {
    TreeMap<Integer, Part> parts = new TreeMap<>();
    for (JsonNode part : metadata.path("partitions")) {
      parts.put(
          part.path("partition").asInt(),
          new Part(
              part.path("asked").asLong(), part.path("from").asLong(), part.path("to").asLong()));
    }
    if (parts.isEmpty() || !metadata.path("topic").isTextual()) {
      throw new IOException("expected a topic and its partitions, got " + metadata);
    }
    return new Range(metadata.path("topic").textValue(), parts);
  }
}

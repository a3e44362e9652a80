package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.replay.CaptureFile.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** Writes a recording to a file that appears under its name when it is whole. */
final class CaptureWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ZSTD_LEVEL = 3;

  private CaptureWriter() {}

  /**
   * How much was captured.
   *
   * @param bytes of the file
   */
  record Captured(long events, long scores, long deadLetters, long bytes) {}

  /**
   * Outcomes that belong to no event of the range are left out, unless they cannot be read: a
   * replay has to name those.
   *
   * @param configuration hash of the job's configuration
   */
  static Captured write(Recording recording, Path file, String job, String configuration)
      throws IOException {
    Path temporary =
        file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Map<Kind, Long> counts =
          fill(temporary, recording, metadata(recording.range(), job, configuration));
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return new Captured(
          counts.getOrDefault(Kind.EVENT, 0L),
          counts.getOrDefault(Kind.SCORE, 0L),
          counts.getOrDefault(Kind.DEAD_LETTER, 0L),
          Files.size(file));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static Map<Kind, Long> fill(Path file, Recording recording, String metadata)
      throws IOException {
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    try (DataFileWriter<GenericRecord> out =
        new DataFileWriter<>(new GenericDatumWriter<>(CaptureFile.SCHEMA))) {
      out.setCodec(CodecFactory.zstandardCodec(ZSTD_LEVEL, true));
      out.setMeta(CaptureFile.METADATA, metadata);
      out.create(CaptureFile.SCHEMA, file.toFile());
      recording.readEvents((event, at) -> append(out, Kind.EVENT, event, at, counts));
      recording.readScores(
          (score, at) -> {
            if (belongs(recording.range(), score)) {
              append(out, Kind.SCORE, score, at, counts);
            }
          });
      recording.readDeadLetters(
          (letter, at) -> {
            if (belongs(recording.range(), letter)) {
              append(out, Kind.DEAD_LETTER, letter, at, counts);
            }
          });
      out.append(CaptureFile.end(counts.values().stream().mapToLong(Long::longValue).sum()));
    }
    return counts;
  }

  private static void append(
      DataFileWriter<GenericRecord> out,
      Kind kind,
      RawEvent record,
      boolean appended,
      Map<Kind, Long> counts)
      throws IOException {
    out.append(CaptureFile.encode(kind, record, appended));
    counts.merge(kind, 1L, Long::sum);
  }

  private static boolean belongs(Range range, RawEvent outcome) {
    try {
      var source = RecordedScore.deadLetter(outcome).source();
      return range.contains(source.topic(), source.partition(), source.offset());
    } catch (IOException unreadable) {
      return true;
    }
  }

  private static String metadata(Range range, String job, String configuration) {
    ObjectNode metadata = JSON.createObjectNode();
    metadata.put("format", CaptureFile.FORMAT);
    metadata.put("job", job);
    metadata.put("created_at", Instant.now().toString());
    metadata.put("configuration", configuration);
    metadata.put("topic", range.topic());
    ArrayNode partitions = metadata.putArray("partitions");
    range
        .parts()
        .forEach(
            (partition, part) ->
                partitions
                    .addObject()
                    .put("partition", partition)
                    .put("asked", part.asked())
                    .put("from", part.from())
                    .put("to", part.to()));
    return metadata.toString();
  }
}

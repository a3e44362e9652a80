package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.job.KafkaEvents;
import io.github.flinkdeepfm.pipeline.replay.CaptureFile.Kind;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.reader.SimpleStreamFormat;
import org.apache.flink.connector.file.src.reader.StreamFormat;
import org.apache.flink.core.fs.FSDataInputStream;

/** The events of a captured file that lie in some spans. */
final class CaptureFormat extends SimpleStreamFormat<RawEvent> {
  private static final long serialVersionUID = 1L;

  private final HashMap<Integer, Span> spans;

  CaptureFormat(Map<Integer, Span> spans) {
    this.spans = new HashMap<>(spans);
  }

  @Override
  public StreamFormat.Reader<RawEvent> createReader(Configuration config, FSDataInputStream stream)
      throws IOException {
    DataFileStream<GenericRecord> records =
        new DataFileStream<>(stream, new GenericDatumReader<>());
    return new StreamFormat.Reader<>() {
      private GenericRecord reuse;

      @Override
      public RawEvent read() throws IOException {
        while (records.hasNext()) {
          reuse = records.next(reuse);
          if (CaptureFile.kind(reuse) == Kind.EVENT) {
            Span span = spans.get((Integer) reuse.get("partition"));
            if (span != null && span.contains((Long) reuse.get("offset"))) {
              return CaptureFile.decode(reuse);
            }
          }
        }
        return null;
      }

      @Override
      public void close() throws IOException {
        records.close();
      }
    };
  }

  @Override
  public TypeInformation<RawEvent> getProducedType() {
    return KafkaEvents.TYPE;
  }
}

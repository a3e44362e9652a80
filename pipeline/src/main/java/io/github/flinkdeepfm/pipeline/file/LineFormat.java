package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.RawEvent;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.reader.SimpleStreamFormat;
import org.apache.flink.core.fs.FSDataInputStream;

/**
 * Lines of a file as raw events: the bytes between newlines, with {file name, 0, line from 0} as
 * source. A carriage return before the newline stays: to JSON it is white space. A last line
 * without newline counts.
 */
final class LineFormat extends SimpleStreamFormat<RawEvent> {
  private static final long serialVersionUID = 1L;

  private final String fileName;

  LineFormat(String fileName) {
    this.fileName = fileName;
  }

  @Override
  public Reader<RawEvent> createReader(Configuration config, FSDataInputStream stream) {
    return new LineReader(fileName, stream);
  }

  @Override
  public TypeInformation<RawEvent> getProducedType() {
    return new ChainedTypeInfo<>(RawEvent.class);
  }
}

package io.github.flinkdeepfm.pipeline.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Writes lines to one local file; for parallelism 1 and a job that is never restarted. */
final class LineFileSink implements Sink<byte[]> {
  private static final long serialVersionUID = 1L;

  private final String file;

  LineFileSink(Path file) {
    this.file = file.toString();
  }

  @Override
  public SinkWriter<byte[]> createWriter(WriterInitContext context) throws IOException {
    return new LineWriter(new BufferedOutputStream(Files.newOutputStream(Path.of(file)), 1 << 16));
  }

  private record LineWriter(OutputStream out) implements SinkWriter<byte[]> {
    @Override
    public void write(byte[] line, Context context) throws IOException {
      out.write(line);
      out.write('\n');
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}

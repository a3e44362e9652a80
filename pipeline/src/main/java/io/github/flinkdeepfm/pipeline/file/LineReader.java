package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.flink.connector.file.src.reader.StreamFormat;

/** Cuts a stream of bytes into lines; a last line without a newline counts. */
public final class LineReader implements StreamFormat.Reader<RawEvent> {
  private static final EventHeader[] NO_HEADERS = {};
  private static final int READ_SIZE = 64 << 10;

  private final String fileName;
  private final InputStream stream;
  private byte[] buffer = new byte[READ_SIZE];
  private int start;
  private int end;
  private long line;

  /**
   * @param fileName what the lines' coordinates name
   */
  public LineReader(String fileName, InputStream stream) {
    this.fileName = fileName;
    this.stream = stream;
  }

  /** The next line without its newline, or null at the end. */
  @Override
  public RawEvent read() throws IOException {
    for (int at = start; ; at++) {
      if (at == end) {
        int searched = at - start;
        if (!fill()) {
          return start == end ? null : event(end, end);
        }
        at = start + searched; // filling moved the line to the front
      }
      if (buffer[at] == '\n') {
        return event(at, at + 1);
      }
    }
  }

  private RawEvent event(int lineEnd, int next) {
    byte[] value = Arrays.copyOfRange(buffer, start, lineEnd);
    start = next;
    return new RawEvent(
        new SourceCoordinates(fileName, 0, line++), RawEvent.NO_TIMESTAMP, null, value, NO_HEADERS);
  }

  private boolean fill() throws IOException {
    System.arraycopy(buffer, start, buffer, 0, end - start);
    end -= start;
    start = 0;
    if (end == buffer.length) {
      if (end > Integer.MAX_VALUE / 2) {
        throw new IOException(
            "expected lines under 1 GiB, got a longer one (" + fileName + ", line " + line + ")");
      }
      buffer = Arrays.copyOf(buffer, end * 2);
    }
    int read = stream.read(buffer, end, buffer.length - end);
    end += Math.max(read, 0);
    return read > 0;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}

package io.github.flinkdeepfm.operators.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Reads another stream in large chunks, each in a call that may be abandoned. Fails for good when
 * one was.
 */
final class DeadlineInputStream extends InputStream {
  /** Small documents are one chunk; of larger files the hand-over between threads is no part. */
  private static final int FIRST_CHUNK = 64 << 10;

  private static final int CHUNK = 1 << 20;

  private final InputStream in;
  private final String what;
  private final long limitMillis;
  private final StorageCalls calls;

  private byte[] chunk = new byte[FIRST_CHUNK];
  private int position;
  private int count;
  private boolean last;
  private boolean closed;

  DeadlineInputStream(InputStream in, String what, long limitMillis, StorageCalls calls) {
    this.in = in;
    this.what = what;
    this.limitMillis = limitMillis;
    this.calls = calls;
  }

  @Override
  public int read() throws IOException {
    return fill() ? chunk[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, count - position);
    System.arraycopy(chunk, position, into, offset, n);
    position += n;
    return n;
  }

  @Override
  public int available() {
    return count - position;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      calls.call(
          what,
          limitMillis,
          progress -> {
            in.close();
            return null;
          },
          nothing -> {});
    }
  }

  /**
   * @return false at the end
   */
  private boolean fill() throws IOException {
    if (closed) {
      throw new IOException(what + ": expected an open stream, got one that was closed or failed");
    }
    if (position < count) {
      return true;
    }
    if (last) {
      return false;
    }
    if (count == chunk.length && count < CHUNK) {
      chunk = new byte[CHUNK];
    }
    boolean read = false;
    try {
      byte[] target = chunk;
      count = calls.call(what, limitMillis, progress -> read(target, progress), late -> {});
      read = true;
    } finally {
      if (!read) {
        closed = true;
        calls.inBackground(
            what,
            progress -> {
              in.close();
              return null;
            });
      }
    }
    position = 0;
    last = count < chunk.length;
    return count > 0;
  }

  private int read(byte[] target, Runnable progress) throws IOException {
    int filled = 0;
    while (filled < target.length) {
      int n = in.read(target, filled, target.length - filled);
      if (n < 0) {
        break;
      }
      filled += n;
      progress.run();
    }
    return filled;
  }
}

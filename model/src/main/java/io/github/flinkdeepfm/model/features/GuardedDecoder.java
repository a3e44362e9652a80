package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.registry.RegistryException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A decoder that outlives its own faults. An event at which the decoder fails, instead of taking or
 * rejecting it, is decoded once more by a new decoder, so that nothing counts against it but its
 * own bytes. Fails that one too, then the event is a dead letter, {@link
 * DeadLetterReason#DECODER_FAILED}; the batch is as before, and the events after it get a new
 * decoder.
 *
 * <p>What is no event's fault is thrown as it came: a {@link LinkageError} or another error of the
 * virtual machine (a broken installation, also where an exception hides it), a registry that does
 * not answer, whatever comes of an interrupt, and want of memory where even {@link #ROOM} bytes are
 * not to be had, which an ordinary event takes far less of.
 */
public final class GuardedDecoder implements EventDecoder {
  /** Bytes of heap that are there if it is the event that asks for too much. */
  private static final int ROOM = 8 << 20;

  private static final int DEEPEST_CAUSE = 20;

  private final Supplier<? extends EventDecoder> decoders;
  private final BooleanSupplier hasRoom;
  private EventDecoder decoder;

  /**
   * @param decoders makes decoders that are all alike
   */
  public GuardedDecoder(Supplier<? extends EventDecoder> decoders) {
    this(decoders, GuardedDecoder::hasRoom);
  }

  /**
   * @param hasRoom whether {@link #ROOM} bytes of heap are to be had
   */
  GuardedDecoder(Supplier<? extends EventDecoder> decoders, BooleanSupplier hasRoom) {
    this.decoders = decoders;
    this.hasRoom = hasRoom;
    decoder = decoders.get();
  }

  @Override
  public FeatureBatch newBatch() {
    return decoder.newBatch();
  }

  @Override
  public void decode(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    int rows = batch.rows();
    try {
      decoder.decode(value, batch, out);
    } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
      requireFaultOfEvent(e);
      rollBack(batch, rows);
      decodeAlone(value, batch, out);
    }
  }

  private void decodeAlone(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    int rows = batch.rows();
    decoder = null; // The old one and what it holds are garbage before the new one is made.
    decoder = decoders.get();
    try {
      decoder.decode(value, batch, out);
    } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
      requireFaultOfEvent(e);
      rollBack(batch, rows);
      decoder = decoders.get();
      if (e instanceof OutOfMemoryError && !hasRoom.getAsBoolean()) {
        throw e;
      }
      throw RejectedEventException.decoderFailed(e);
    }
  }

  /** A decoder may have failed at any place, also behind the end of the row. */
  private static void rollBack(FeatureBatch batch, int rows) {
    if (batch.rows() > rows) {
      batch.removeLastRow();
    } else {
      batch.rollbackRow();
    }
  }

  private static boolean hasRoom() {
    try {
      return new byte[ROOM].length == ROOM;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** Throws the failure, or the error that made it, if it says nothing of the event. */
  public static void requireFaultOfEvent(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      if (cause instanceof Error error && !isFaultOfEvent(error)) {
        throw error;
      }
      cause = cause.getCause();
    }
    if (failure instanceof RuntimeException exception
        && (exception instanceof RegistryException || Thread.currentThread().isInterrupted())) {
      throw exception;
    }
  }

  private static boolean isFaultOfEvent(Error error) {
    return error instanceof AssertionError
        || error instanceof StackOverflowError
        || (error instanceof OutOfMemoryError && isOfHeap(error.getMessage()));
  }

  /** Whether it is not class metadata, threads or memory beside the heap that ran out. */
  private static boolean isOfHeap(String message) {
    return message == null
        || message.startsWith("Java heap space")
        || message.startsWith("Requested array size")
        || message.startsWith("Required ");
  }
}

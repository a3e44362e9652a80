package io.github.flinkdeepfm.operators.storage;

/**
 * Work for a thread of a pool that can be given up: the thread is interrupted while it does this
 * work, and never in the next one.
 */
public final class InterruptibleTask implements Runnable {
  private final Runnable work;
  private Thread thread;
  private boolean cancelled;

  /**
   * @param work run once, also if it was given up before
   */
  public InterruptibleTask(Runnable work) {
    this.work = work;
  }

  @Override
  public void run() {
    synchronized (this) {
      thread = Thread.currentThread();
      if (cancelled) {
        thread.interrupt();
      }
    }
    try {
      work.run();
    } finally {
      synchronized (this) {
        thread = null;
        Thread.interrupted(); // Clears it for what the thread does next.
      }
    }
  }

  /** Interrupts the work if it is under way, or as soon as it begins. */
  public synchronized void cancel() {
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}

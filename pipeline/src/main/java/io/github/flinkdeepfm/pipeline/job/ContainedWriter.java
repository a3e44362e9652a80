package io.github.flinkdeepfm.pipeline.job;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The writer of a {@link ContainedSink}. */
final class ContainedWriter<T, S, C> implements PrecommittingStatefulSinkWriter<T, S, C> {
  private static final Logger LOG = LoggerFactory.getLogger(ContainedWriter.class);

  private final OutputTopic topic;
  private final OldTransactions.Ending old;
  private PrecommittingStatefulSinkWriter<T, S, C> writer;

  ContainedWriter(OutputTopic topic, OldTransactions.Ending old) {
    this.topic = topic;
    this.old = old;
  }

  void open(PrecommittingStatefulSinkWriter<T, S, C> contained) {
    writer = contained;
    old.opened();
  }

  /**
   * Returns a context in which a failed send, which comes as a mail, is told as this class does.
   */
  WriterInitContext contextOf(WriterInitContext context) {
    MailboxExecutor mailbox = new Mailbox(context.getMailboxExecutor());
    return (WriterInitContext)
        Proxy.newProxyInstance(
            WriterInitContext.class.getClassLoader(),
            new Class<?>[] {WriterInitContext.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getMailboxExecutor")) {
                return mailbox;
              }
              try {
                return method.invoke(context, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  public void write(T element, Context context) throws IOException, InterruptedException {
    try {
      writer.write(element, context);
    } catch (IOException | RuntimeException e) {
      RefusedRecordException.throwIfCauseOf(topic, e);
      throw e;
    }
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    try {
      writer.flush(endOfInput);
    } catch (IOException | RuntimeException e) {
      RefusedRecordException.throwIfCauseOf(topic, e);
      throw e;
    }
    topic.flushed();
  }

  @Override
  public Collection<C> prepareCommit() throws IOException, InterruptedException {
    return writer.prepareCommit();
  }

  @Override
  public List<S> snapshotState(long checkpoint) throws IOException {
    List<S> state = writer.snapshotState(checkpoint);
    old.checkpointed();
    return state;
  }

  /**
   * Closes the producer. Whatever fails here has failed a flush before, or is the job's no more.
   */
  @Override
  public void close() {
    old.close();
    try {
      writer.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("The producer of topic {} was closed with failed sends: {}", topic, e.toString());
    }
  }

  private final class Mailbox implements MailboxExecutor {
    private final MailboxExecutor mailbox;

    Mailbox(MailboxExecutor mailbox) {
      this.mailbox = mailbox;
    }

    @Override
    public void execute(
        MailOptions options,
        ThrowingRunnable<? extends Exception> command,
        String format,
        Object... arguments) {
      mailbox.execute(
          options,
          () -> {
            try {
              command.run();
            } catch (Exception e) {
              RefusedRecordException.throwIfCauseOf(topic, e);
              throw e;
            }
          },
          format,
          arguments);
    }

    @Override
    public void yield() throws InterruptedException {
      mailbox.yield();
    }

    @Override
    public boolean tryYield() {
      return mailbox.tryYield();
    }

    @Override
    public boolean shouldInterrupt() {
      return mailbox.shouldInterrupt();
    }
  }
}

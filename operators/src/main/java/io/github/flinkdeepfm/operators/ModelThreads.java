package io.github.flinkdeepfm.operators;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where this process loads and releases models, so that no slot waits for it: one thread each,
 * started when there is work and ended when there is none.
 */
final class ModelThreads {
  private static final int IDLE_SECONDS = 10;

  private ThreadPoolExecutor loading;
  private ThreadPoolExecutor releasing;

  /** One version after another is fetched, loaded, checked and warmed up here. */
  synchronized Executor loading(ClassLoader classes) {
    if (loading == null) {
      loading = thread("model-loading", classes);
    }
    return loading;
  }

  /** Unmapping a large table takes longer than a switch may. */
  synchronized Executor releasing() {
    if (releasing == null) {
      releasing = thread("model-releasing", ModelThreads.class.getClassLoader());
    }
    return releasing;
  }

  /** Lets work that has begun end; later work starts new threads. */
  synchronized void end() {
    if (loading != null) {
      loading.shutdown();
      loading = null;
    }
    if (releasing != null) {
      releasing.shutdown();
      releasing = null;
    }
  }

  private static ThreadPoolExecutor thread(String name, ClassLoader classes) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              thread.setContextClassLoader(classes);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}

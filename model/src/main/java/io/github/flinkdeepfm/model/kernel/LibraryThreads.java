package io.github.flinkdeepfm.model.kernel;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import org.nd4j.linalg.api.memory.deallocation.DeallocatorService;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts the threads by which JNA, JavaCPP and ND4J give native memory back. They live as long as
 * the process, and a thread holds on to what made it: its context class loader, and the protection
 * domain, so the class loader, of every class on the stack. In a session cluster the libraries
 * belong to the cluster and this class to a job, whose classes would never be unloaded. Hence a
 * thread and a stack with nothing of this project.
 */
final class LibraryThreads {
  private LibraryThreads() {}

  /** Whether the libraries outlive the classes of this project. */
  static boolean areShared() {
    return Nd4j.class.getClassLoader() != LibraryThreads.class.getClassLoader();
  }

  static void startOfJna() {
    run(
        MethodHandles.insertArguments(
            handle(NativeLibrary.class, "getInstance", NativeLibrary.class, String.class),
            0,
            Platform.C_LIBRARY_NAME));
  }

  /** Loads ND4J, and so JavaCPP. */
  static void startOfNd4j() {
    run(handle(Nd4j.class, "getDeallocatorService", DeallocatorService.class));
  }

  private static MethodHandle handle(
      Class<?> type, String method, Class<?> result, Class<?>... parameters) {
    try {
      return MethodHandles.publicLookup()
          .findStatic(type, method, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("expected another release of " + type.getName(), e);
    }
  }

  private static void run(MethodHandle call) {
    Callable<?> callable = callable(call);
    ForkJoinPool pool = new ForkJoinPool(1); // Its threads inherit nothing from who made it.
    try {
      pool.submit(callable).join();
    } finally {
      pool.shutdown();
    }
  }

  /** No lambda, which would be a class of this one's loader; nor of the context's. */
  private static Callable<?> callable(MethodHandle call) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Nd4j.class.getClassLoader());
    try {
      return MethodHandleProxies.asInterfaceInstance(Callable.class, call);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}

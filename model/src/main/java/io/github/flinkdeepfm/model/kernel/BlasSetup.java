package io.github.flinkdeepfm.model.kernel;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the BLAS kernels before ND4J loads them, so that a bare {@code java -jar} and a cluster
 * compute the same bits whatever their environment says.
 *
 * <p>OpenBLAS reads {@code OPENBLAS_CORETYPE} once, when it is loaded. On a CPU with AVX-512 its
 * default may be AVX2 kernels whose results depend on a row's place in the batch; its SkylakeX
 * kernels do not have that fault. The system property {@value #CORE_PROPERTY} overrides the choice:
 * {@code auto} (default), an OpenBLAS core name, or {@code environment} to leave it as it is.
 */
public final class BlasSetup {
  /** System property that names the OpenBLAS core. */
  public static final String CORE_PROPERTY = "flinkdeepfm.blas.core";

  private static final Logger LOG = LoggerFactory.getLogger(BlasSetup.class);
  private static final String CORE_VARIABLE = "OPENBLAS_CORETYPE";

  private static String requested;

  private BlasSetup() {}

  /**
   * Sets the environment, loads ND4J and gives it one BLAS thread (Flink is what runs in parallel).
   * Idempotent and cheap after the first call, which takes some seconds.
   *
   * @throws IllegalStateException if ND4J has no backend for this machine, or JavaCPP's limits
   *     leave it no memory
   */
  public static synchronized void ensure() {
    if (requested != null) {
      return;
    }
    String core = chooseCore();
    setEnvironment(core);
    try {
      // By default ND4J keeps the context loader of the thread that comes first and asks it for
      // services for good. That is a task's, of a job's classes, which Flink closes with the job.
      ND4JClassLoading.setNd4jClassloaderFromClass(Nd4j.class);
      if (LibraryThreads.areShared()) {
        LibraryThreads.startOfNd4j();
      }
      Nd4j.getMemoryManager().togglePeriodicGc(false);
      Nd4j.factory().blas().setMaxThreads(1);
      Nd4j.getEnvironment().setMaxMasterThreads(1);
      Nd4j.getEnvironment().setMaxThreads(1);
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(
          "ND4J could not be loaded: expected the natives of its backend (of nd4j-cuda with a driver"
              + " and a GPU), javacpp and openblas for "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + " on the class path, once per process (in a session cluster: in Flink's lib), got "
              + e,
          e);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "ND4J could not be loaded: expected room for it below org.bytedeco.javacpp.maxbytes (what"
              + " it allocates) and org.bytedeco.javacpp.maxphysicalbytes (all of the process's memory"
              + " that no file backs, so without mapped tables; 0 for no limit), got "
              + e.getMessage(),
          e);
    }
    requested = core;
    LOG.info(
        "ND4J backend {}, OpenBLAS core {}",
        Nd4j.getBackend().getClass().getSimpleName(),
        core.isEmpty() ? "chosen by OpenBLAS" : core);
  }

  /** Backend and BLAS core, as they stand in the numerics fingerprint. */
  public static synchronized String describe() {
    ensure();
    String core = requested;
    if (core.isEmpty()) {
      core = "default";
    }
    return Nd4j.getBackend().getClass().getSimpleName().toLowerCase(Locale.ROOT) + "/" + core;
  }

  private static String chooseCore() {
    String property = System.getProperty(CORE_PROPERTY, "auto");
    if (property.equals("environment")) {
      String inherited = System.getenv(CORE_VARIABLE);
      return inherited == null ? "" : inherited;
    }
    if (!property.equals("auto")) {
      return property;
    }
    String flags = cpuFlags();
    if (flags.contains(" avx512f ") && flags.contains(" avx512vl ")) {
      return "SKYLAKEX";
    }
    return flags.contains(" avx2 ") ? "HASWELL" : "";
  }

  private static String cpuFlags() {
    Path cpuinfo = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(cpuinfo)) {
      return "";
    }
    try (var lines = Files.lines(cpuinfo)) {
      return lines.filter(l -> l.startsWith("flags")).findFirst().orElse("") + " ";
    } catch (IOException e) {
      return "";
    }
  }

  private static void setEnvironment(String core) {
    if (Platform.isWindows()) {
      return; // OpenBLAS reads its C runtime's copy of the environment, which kernel32 cannot set
    }
    try {
      if (LibraryThreads.areShared()) {
        LibraryThreads.startOfJna();
      }
      // Functions, not an interface: JNA keeps the class of each interface for good.
      NativeLibrary libc = NativeLibrary.getInstance(Platform.C_LIBRARY_NAME);
      Function setenv = libc.getFunction("setenv");
      setenv.invokeInt(new Object[] {"OMP_NUM_THREADS", "1", 1});
      if (!core.isEmpty()) {
        setenv.invokeInt(new Object[] {CORE_VARIABLE, core, 1});
        libc.getFunction("unsetenv").invokeInt(new Object[] {"OPENBLAS_L2_SIZE"});
      }
    } catch (LinkageError e) {
      LOG.warn("the process environment cannot be set: BLAS kernels are OpenBLAS's choice", e);
    }
  }
}

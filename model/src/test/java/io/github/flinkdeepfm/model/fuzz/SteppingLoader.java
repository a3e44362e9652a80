package io.github.flinkdeepfm.model.fuzz;

import io.github.flinkdeepfm.model.features.StepFuzz;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Loads this module's classes, and the libraries that read events, once more, with a call of {@link
 * Steps#take} where each method begins and before each jump back. So the work of any code is a
 * number, the same in every run, and what ships pays nothing for it. The JDK's own loops do not
 * count; what they copy shows as allocation.
 */
public final class SteppingLoader extends ClassLoader {
  private static final String STEPS = Steps.class.getName().replace('.', '/');
  private static final List<String> COUNTED =
      List.of(
          "io.github.flinkdeepfm.model.",
          "com.fasterxml.jackson.",
          "com.google.protobuf.",
          "org.apache.avro.",
          "org.apache.commons.codec.");

  SteppingLoader() {
    super(SteppingLoader.class.getClassLoader());
  }

  /** A target a format, each of classes of its own. */
  public static List<FuzzTarget> targets(Path folder, long seed)
      throws ReflectiveOperationException {
    List<FuzzTarget> targets = new ArrayList<>();
    for (String format : List.of("json", "avro", "protobuf")) {
      targets.add(
          (FuzzTarget)
              new SteppingLoader()
                  .loadClass(StepFuzz.class.getName())
                  .getConstructor(String.class, Path.class, long.class)
                  .newInstance(format, folder, seed));
    }
    return targets;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.equals(FuzzTarget.class.getName()) || COUNTED.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      ClassReader reader = new ClassReader(file);
      ClassWriter writer = new ClassWriter(reader, 0); // a call without values needs no more stack
      reader.accept(name.startsWith(Steps.class.getName()) ? writer : new Stepping(writer), 0);
      byte[] bytes = writer.toByteArray();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static final class Stepping extends ClassVisitor {
    Stepping(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      return new SteppingMethod(super.visitMethod(access, name, descriptor, signature, exceptions));
    }
  }

  private static final class SteppingMethod extends MethodVisitor {
    private final Set<Label> behind = new HashSet<>();

    SteppingMethod(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      step();
    }

    @Override
    public void visitLabel(Label label) {
      behind.add(label);
      super.visitLabel(label);
    }

    @Override
    public void visitJumpInsn(int opcode, Label to) {
      if (behind.contains(to)) {
        step();
      }
      super.visitJumpInsn(opcode, to);
    }

    private void step() {
      super.visitMethodInsn(Opcodes.INVOKESTATIC, STEPS, "take", "()V", false);
    }
  }
}

package io.github.flinkdeepfm.jars;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/** As much of a class file as says what the class calls itself. */
final class ClassFile {
  private ClassFile() {}

  /**
   * The class's own name, e.g. {@code java/lang/String}.
   *
   * @param bytes a class file; read up to its constant pool's end, not closed
   */
  static String name(InputStream bytes) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(bytes));
    if (in.readInt() != 0xCAFEBABE) {
      throw new IOException("expected a class file, got another magic number");
    }
    in.readInt(); // version
    int constants = in.readUnsignedShort();
    String[] texts = new String[constants];
    int[] names = new int[constants];
    for (int i = 1; i < constants; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = in.readUTF();
        case 7 -> names[i] = in.readUnsignedShort();
        case 8, 16, 19, 20 -> in.readUnsignedShort();
        case 15 -> in.skipNBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.readInt();
        case 5, 6 -> {
          in.readLong();
          i++; // a long or a double takes two places
        }
        default -> throw new IOException("expected a constant's tag, got " + tag);
      }
    }
    in.readUnsignedShort(); // access flags
    return texts[names[in.readUnsignedShort()]];
  }
}

package io.github.flinkdeepfm.model.registry;

/**
 * What a producer's serializer puts in front of an event: a zero byte, then the big-endian id of
 * its schema.
 */
public enum Framing {
  /** Nothing. */
  NONE(0),
  /** Confluent's wire format: four bytes. In Protobuf the indexes of the message follow. */
  CONFLUENT(4),
  /** Apicurio Registry 3: four bytes. In Protobuf a delimited message reference follows. */
  APICURIO(4),
  /** Apicurio Registry 2: eight bytes, otherwise like 3. */
  APICURIO_V2(8);

  private final int idBytes;

  Framing(int idBytes) {
    this.idBytes = idBytes;
  }

  /** Bytes of the magic byte and the id together. */
  public int length() {
    return idBytes == 0 ? 0 : 1 + idBytes;
  }

  /** Whether a value begins as framed ones do. */
  public boolean isFramed(byte[] value) {
    return value.length >= length() && (idBytes == 0 || value[0] == 0);
  }

  /** The id of a framed value, unsigned. */
  public long id(byte[] value) {
    long id = 0;
    for (int i = 1; i <= idBytes; i++) {
      id = id << 8 | (value[i] & 0xFF);
    }
    return id;
  }
}

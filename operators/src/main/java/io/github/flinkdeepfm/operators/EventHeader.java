package io.github.flinkdeepfm.operators;

import java.io.Serializable;

/**
 * One header of an event's record, passed through untouched.
 *
 * @param key the header's name
 * @param value its bytes; null where the record has null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EventHeader(String key, byte[] value) implements Serializable {}

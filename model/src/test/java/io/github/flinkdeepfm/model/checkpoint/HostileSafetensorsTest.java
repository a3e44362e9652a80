package io.github.flinkdeepfm.model.checkpoint;

import static io.github.flinkdeepfm.model.checkpoint.RawSafetensors.file;
import static io.github.flinkdeepfm.model.checkpoint.RawSafetensors.length;
import static io.github.flinkdeepfm.model.checkpoint.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostileSafetensorsTest {
  private static final String GOOD = tensor("a", "F32", "[2]", "[0,8]");

  @TempDir Path directory;

  static Stream<Arguments> files() {
    return Stream.of(
        arguments("empty file", new byte[0], "at least 8 bytes"),
        arguments("cut in the length", new byte[7], "got a file of 7 bytes"),
        arguments("no header", file("", 0), "a header that starts with {, got none"),
        arguments("header beyond the file", length(100, 50), "ends 50 bytes after"),
        arguments("header bomb", length(100_000_001, 10), "at most 100000000 bytes"),
        arguments("negative length", length(-1, 10), "header length 18446744073709551615"),
        arguments("length of 2^63", length(Long.MIN_VALUE, 10), "header length 92233720368547"),
        arguments("white space only", file("  \n", 0), "starts with {, got none"),
        arguments("byte order mark", file("\ufeff{}", 0), "starts with {, got byte 239"),
        arguments("padded with zeros", file("{}\0\0", 0), "padded with spaces, got zero bytes"),
        arguments("zeros after spaces", file("{}  \0", 0), "padded with spaces, got zero bytes"),
        arguments("zero inside", file("{\0}", 0), "expected a JSON header"),
        arguments("array", file("[]", 0), "starts with {"),
        arguments("not JSON", file("{nope}", 0), "expected a JSON header"),
        arguments("cut JSON", file("{\"a\":{\"dtype\":\"F32\"", 0), "expected a JSON header"),
        arguments("cut in a number", file("{\"a\":{\"shape\":[1", 0), "expected a JSON header"),
        arguments("text after it", file("{} x", 0), "expected a JSON header"),
        arguments("second object", file("{}{}", 0), "got something after it"),
        arguments(
            "UTF-16", file("{}".getBytes(StandardCharsets.UTF_16LE), 0), "expected a JSON header"),
        arguments("bad UTF-8", file(new byte[] {'{', '"', -1, '"'}, 0), "expected a JSON header"),
        arguments("deep nesting", file("{\"a\":" + "[".repeat(50_000), 0), "an object with dtype"),
        arguments(
            "deep shape",
            file("{\"a\":{\"shape\":" + "[".repeat(50_000), 0),
            "shape of integers from 0"),
        arguments("tensor twice", file("{" + GOOD + "," + GOOD + "}", 8), "Duplicate field 'a'"),
        arguments(
            "key twice",
            file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0),
            "Duplicate field 'dtype'"),
        arguments("tensor a number", file("{\"a\":1}", 0), "tensor \"a\": expected an object"),
        arguments(
            "unknown key",
            file("{\"a\":{\"strides\":[1]}}", 0),
            "expected dtype, shape and data_offsets, got the key \"strides\""),
        arguments(
            "no shape",
            file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4),
            "shape null"),
        arguments("half a byte", one("F4", "[1]", "[0,1]", 1), "whole bytes, got F4 [1]"),
        arguments("six bits", one("F6_E2M3", "[4]", "[0,4]", 4), "3 bytes for F6_E2M3 [4], got 4"),
        arguments(
            "unknown dtype, shape overflows",
            one("I4", "[4294967296,4294967296]", "[0,0]", 0),
            "below 2^63"),
        arguments("dtype a number", file("{\"a\":{\"dtype\":1}}", 0), "dtype to be a string"),
        arguments("negative size", one("F32", "[-1]", "[0,4]", 4), "got \"-1\""),
        arguments("fractional size", one("F32", "[1.0]", "[0,4]", 4), "got \"1.0\""),
        arguments("size a string", one("F32", "[\"1\"]", "[0,4]", 4), "shape of integers"),
        arguments("size null", one("F32", "[null]", "[0,4]", 4), "shape of integers"),
        arguments("size of 2^64", one("F32", "[18446744073709551616]", "[0,4]", 4), "below 2^63"),
        arguments("number bomb", one("F32", "[" + "9".repeat(999) + "]", "[0,4]", 4), "JSON"),
        arguments("shape a number", one("F32", "4", "[0,4]", 4), "shape to be an array"),
        arguments("rank 9", one("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]", 4), "at most 8 numbers"),
        arguments(
            "product overflows to 0",
            one("F32", "[4294967296,4294967296]", "[0,0]", 0),
            "size in bits is below 2^63"),
        arguments(
            "bytes overflow",
            one("F64", "[2305843009213693952]", "[0,0]", 0),
            "size in bits is below 2^63"),
        arguments("negative offset", one("F32", "[2]", "[-8,0]", 8), "data_offsets of integers"),
        arguments("offsets swapped", one("F32", "[2]", "[8,0]", 8), "data_offsets in order"),
        arguments("one offset", one("F32", "[2]", "[8]", 8), "two data_offsets"),
        arguments("three offsets", one("F32", "[2]", "[0,8,8]", 8), "at most 2 numbers"),
        arguments("cut data", one("F32", "[2]", "[0,8]", 7), "within the 7 bytes of data"),
        arguments("offset far away", one("F32", "[2]", "[0,9223372036854775807]", 8), "within the"),
        arguments("too small", one("F32", "[3]", "[0,8]", 8), "12 bytes for F32 [3], got 8 bytes"),
        arguments("too large", one("F16", "[3]", "[0,8]", 8), "6 bytes for F16 [3], got 8 bytes"),
        arguments("trailing bytes", one("F32", "[2]", "[0,8]", 9), "8 bytes of data, where"),
        arguments("data without tensors", file("{}", 3), "0 bytes of data"),
        arguments(
            "overlap",
            file("{" + GOOD + "," + tensor("b", "F32", "[2]", "[4,12]") + "}", 12),
            "expected tensor \"b\" to have data from offset 8 on, without a hole or an overlap, got an"
                + " overlap: it begins at 4"),
        arguments(
            "same bytes twice",
            file("{" + GOOD + "," + tensor("b", "F32", "[2]", "[0,8]") + "}", 8),
            "an overlap"),
        arguments(
            "hole",
            file("{" + GOOD + "," + tensor("b", "F32", "[2]", "[12,20]") + "}", 20),
            "a hole: it begins at 12"),
        arguments("hole at the start", one("F32", "[1]", "[4,8]", 8), "a hole: it begins at 4"),
        arguments("metadata a list", file("{\"__metadata__\":[]}", 0), "to be an object"),
        arguments(
            "metadata a number",
            file("{\"__metadata__\":{\"format\":1}}", 0),
            "__metadata__ \"format\" to be a string"),
        arguments(
            "line break in a name",
            file("{\"a\\nb\":1}", 0),
            "tensor \"a\\u000ab\": expected an object"),
        arguments("long name", file("{\"" + "n".repeat(900) + "\":1}", 0), "… (900 characters)"));
  }

  private static byte[] one(String dtype, String shape, String offsets, int dataBytes) {
    return file("{" + tensor("a", dtype, shape, offsets) + "}", dataBytes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void isRefusedNamingFileExpectedAndFound(String what, byte[] bytes, String fragment)
      throws IOException {
    Path file = Files.write(directory.resolve("hostile.safetensors"), bytes);

    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .as(what)
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining("expected")
        .hasMessageContaining(fragment);
  }

  @Test
  void headerOfTheGreatestSizeThatIsNoJsonIsRefused() throws IOException {
    Path file = directory.resolve("zeros.safetensors");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(length(SafetensorsHeader.MAX_HEADER_BYTES, 0));
      out.write('{');
      out.setLength(SafetensorsHeader.MAX_HEADER_BYTES + 8);
    }

    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a JSON header");
  }

  @Test
  void missingFileAndDirectoryAreRefused() {
    assertThatThrownBy(() -> SafetensorsFile.open(directory.resolve("none")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a readable file");
    assertThatThrownBy(() -> SafetensorsFile.open(directory))
        .isInstanceOf(InvalidModelException.class);
  }
}

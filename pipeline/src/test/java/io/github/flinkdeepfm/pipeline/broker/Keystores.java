package io.github.flinkdeepfm.pipeline.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certification authority of one's own, made with the JDK's keytool. */
final class Keystores {
  private final Path folder;
  private final String password;

  Keystores(Path folder, String password) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.password = password;
  }

  /** A store that trusts the authority {@code name}, which is made with it. */
  Path authority(String name) throws Exception {
    keytool(name + "-ca", "-genkeypair", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "bc:c");
    keytool(name + "-ca", "-exportcert", "-rfc", "-file", path(name + ".pem"));
    keytool(name + "-trust", "-importcert", "-noprompt", "-file", path(name + ".pem"));
    return folder.resolve(name + "-trust.p12");
  }

  /** A key of 127.0.0.1 that an authority has signed. */
  Path server(String authority) throws Exception {
    keytool("server", "-genkeypair", "-keyalg", "EC", "-dname", "CN=server");
    keytool("server", "-certreq", "-file", path("server.csr"));
    keytool(
        authority + "-ca",
        "-gencert",
        "-rfc",
        "-ext",
        "san=ip:127.0.0.1",
        "-infile",
        path("server.csr"),
        "-outfile",
        path("server.pem"));
    Files.writeString(
        folder.resolve("chain.pem"),
        Files.readString(folder.resolve("server.pem"))
            + Files.readString(folder.resolve(authority + ".pem")));
    keytool("server", "-importcert", "-noprompt", "-file", path("chain.pem"));
    return folder.resolve("server.p12");
  }

  private String path(String file) {
    return folder.resolve(file).toString();
  }

  private void keytool(String store, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", path(store + ".p12"), "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", password, "-alias", "mine"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", arguments) + ": " + output);
    }
  }
}

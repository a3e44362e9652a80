/**
 * The commands: arguments enter, an exit code leaves. Read {@link
 * io.github.flinkdeepfm.pipeline.cli.Cli} first. Loggers are made when a command runs, never in
 * static fields, because {@code --verbose} is read before logging starts.
 */
package io.github.flinkdeepfm.pipeline.cli;

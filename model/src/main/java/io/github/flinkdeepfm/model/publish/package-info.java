/**
 * Makes versions of a model visible to the jobs that watch a model root.
 *
 * <p>In: a model directory as a trainer left it, full or delta, and a {@link
 * io.github.flinkdeepfm.model.publish.ModelStorage}. Out: {@code <root>/<version>/}, complete and
 * checked, announced by its {@code manifest.json} as the very last file; or an error and nothing
 * visible.
 *
 * <p>Under a root there are also {@code control.json} (the pin), {@code in-use/} (versions that
 * retention has to leave alone, see {@link
 * io.github.flinkdeepfm.model.publish.PublishedVersions#IN_USE}) and {@code .publishing/} (claims
 * of the publishers at work, see {@code RootLock}). A version's directory has a file {@code
 * .publishing} while it is written or removed; a directory without it is never cleaned away.
 *
 * <p>Read {@link io.github.flinkdeepfm.model.publish.ModelPublisher} first.
 */
package io.github.flinkdeepfm.model.publish;

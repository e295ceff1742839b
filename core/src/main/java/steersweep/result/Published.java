package steersweep.result;

/**
 * Where the results of a run came from that this program did not run itself. Such a run has no
 * model: nothing in it is scored that needs one.
 *
 * @param file the file as the user named it
 * @param sha256 hash of the file's bytes, hexadecimal
 * @param rows rows of the file, its header not counted
 * @param layers layers of the model: as given, or as many as the file has
 * @param baseline what stands in for the unsteered text, in words
 * @param withoutBasePrompt rows whose text did not start with the base prompt and was taken whole
 */
public record Published(
    String file, String sha256, long rows, int layers, String baseline, long withoutBasePrompt) {}

const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What whoever trains or serves a model hears: part of the catalogue beside this file. */
export const MODEL_ERRORS = {
  MODEL_UNREADABLE: entry(
    'A model cannot be read: a file is missing or torn, is not the one of its card, or holds what is no number.',
    'Name a directory that `assent recommend train` wrote, or train again.',
  ),
  MODEL_OF_TEST: entry(
    'A model was trained from a seed, so its noise can be taken away, and it is not served.',
    'Train without `--test-seed`.',
  ),
} as const

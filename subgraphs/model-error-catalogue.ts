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
  INTERACTIONS_INVALID: entry(
    'A file of interactions cannot be read, and nothing was trained.',
    'Write `user,item,timestamp` or `user,item,timestamp,value` and one row a line; times are ISO 8601 with a zone or whole numbers, values are numbers. The place says which line.',
  ),
  INTERACTIONS_TOO_FEW: entry(
    'There is too little to learn from, and nothing was trained.',
    'Give at least two items and ten people; with a training set, people who are in it.',
  ),
  ITEMS_INVALID: entry(
    'A list of items cannot be read, and nothing was trained.',
    'Write `item` or `item,category` and one row a line, each item once. The place says which line.',
  ),
  ITEM_NOT_LISTED: entry(
    'An interaction is with an item that is not in the list of items, and nothing was trained.',
    'Add it to the list if everybody may know of it, or take the line out.',
  ),
  MODEL_BUDGET_SPENT: entry(
    'Less is left of the budget than this training costs; no data was read.',
    'Ask for a smaller ε, or wait for other people’s data: what was spent on these never comes back.',
  ),
  MODEL_LEDGER_UNREADABLE: entry(
    'The ledger of what was spent on training cannot be read or written, or is being written by another run, and nothing was trained.',
    'Restore it from its copy: an empty one would forget what was given away. Where a run was killed, remove the `.lock` beside it.',
  ),
  MODEL_OUTPUT_UNWRITABLE: entry(
    'The directory of the model cannot be made or written, and nothing was trained or spent.',
    'Name a directory with `--output` that you may write to. The place says what the system answered.',
  ),
  MODEL_BUDGET_UNKNOWN: entry(
    'The house has no budget of this name for training, so nothing may be given away; no data was read.',
    'Declare it in `budgets.yaml` of the setting `aggregates`, or name one that is there with `--budget`.',
  ),
  MODEL_RUN_UNDER_WAY: entry(
    'This run is being trained at this moment, or whoever did so died less than a minute ago; nothing was read or spent.',
    'Wait for it; a minute after a kill, say the same again.',
  ),
  MODEL_RUN_OF_OTHER_PEOPLE: entry(
    'Since noise was drawn for this run somebody has left it, or two have become one: its noise may not be used again, and nothing was trained.',
    'Remove `.run` in the directory of the model and train anew; what this run spent stays spent.',
  ),
  MODEL_PEOPLE_LEFT: entry(
    'People whom this model was trained on have withdrawn or were erased since, and it was not published.',
    'Train anew, without them. Or, since one person more or less makes no more difference to it than its ε says, publish it with `--although-left`, which is written down.',
  ),
  MODEL_NOT_OF_THE_HOUSE: entry(
    'This model was trained on a file, so that nobody here knows who agreed to it, and it was not published.',
    'Train with `--from-house`; or name its directory in the setting `recommendations.model`, and answer for it.',
  ),
  MODEL_WITHOUT_RECEIPTS: entry(
    'This model was trained on a file of interactions alone, so that nobody knows which receipts it rests on.',
    'Train with `--from-house`, or with `--training-set`.',
  ),
  MODEL_LINEAGE_DIFFERS: entry(
    'The receipts beside a model are not those that its card is bound to, and nothing was told or published.',
    'Name the directory as `assent recommend train` wrote it.',
  ),
  MODEL_RUN_OF_ANOTHER: entry(
    'A run that was not finished is in the way, and it was of something else: other data, ε or trainer.',
    'Say what was said then to finish it, or remove `.run` in the directory of the model; what it spent stays spent.',
  ),
} as const

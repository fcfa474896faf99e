const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What is heard of vectors: part of the catalogue beside this file. */
export const VECTOR_ERRORS = {
  PGVECTOR_MISSING: entry(
    'The database server has no pgvector, or one before 0.8, and it may not be made here.',
    'Install pgvector 0.8 or later on the server and have its administrator run `create extension vector`, or set `recommendations.vectors` to `off`.',
  ),
  VECTOR_K_OUT_OF_RANGE: entry(
    'More results are asked for than are given, or fewer than one.',
    'Ask for 1 to 20; more are not to be had by asking several times either.',
  ),
  VECTOR_NOT_FINITE: entry(
    'A coordinate of a vector is not a finite number.',
    'Send finite numbers only; what is not a number or infinite is refused before anything is read.',
  ),
  VECTOR_DIMENSION: entry(
    'A vector has not as many coordinates as its model.',
    'Make the vector with the model that is named.',
  ),
  VECTOR_MODEL_UNKNOWN: entry(
    'There are no vectors of a model of this name.',
    'Name a model that was published, with its version.',
  ),
  VECTOR_MODEL_OF_POPULARITY: entry(
    'The model ranks by popularity alone: nobody is nearer to one thing than to another by it.',
    'Train with more people or a larger ε until the model is better than popularity (docs/recommend.md); keep no vectors of people until then.',
  ),
  VECTOR_PRODUCTS_UNKNOWN: entry(
    'The model in use knows none of these products, or there is none in use.',
    'Name products that people bought before the model was trained (`items.json` of the model lists them).',
  ),
  VECTOR_CALLER_MISSING: entry(
    'Who asks, or what for, is not said.',
    'Ask as a client, with a purpose; each is 1 to 200 characters.',
  ),
  VECTOR_TOO_MANY_NAMED: entry(
    'More items or people are named than a search is held against.',
    'Name at most 100,000 that may be found, and 10,000 that may not.',
  ),
  VECTOR_ROLE_MISSING: entry(
    'This client may not search these vectors for this purpose.',
    'Ask for a purpose that this client has the role for; who may find people, and for what, is said where the search is opened (docs/vectors.md).',
  ),
  VECTOR_QUOTA_SPENT: entry(
    'This client has searched as often for this purpose as it may.',
    'Ask again in the next window, and ask once for what is shown several times.',
  ),
  VECTOR_CAP_REACHED: entry(
    'As many different results as there may be were handed out to this client for this purpose.',
    'What was handed out already is given again at any time; others when the window has passed.',
  ),
  VECTORS_NOT_CURRENT: entry(
    'What is known of consent is not current, so nobody is found.',
    'Ask again in a moment.',
  ),
  STORED_VECTORS_OFF: entry(
    'Vectors of people are not kept here.',
    'Compute them for each request, which is the better way; or set `recommendations.storedVectors.sigma` (docs/vectors.md).',
  ),
  STORED_VECTOR_NOISE_TOO_WEAK: entry(
    'With this noise, whoever knows what somebody did finds their vector too often.',
    'Raise `recommendations.storedVectors.sigma` to one whose linkage is below the limit (the table in docs/vectors.md), or keep no vectors of people.',
  ),
} as const

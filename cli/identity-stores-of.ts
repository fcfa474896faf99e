import type { Config } from '../gateway/config.ts'

/** Where the stores of identity are, as the settings say. */
export const identityStoresOf = (config: Config) => {
  const { data, postgresUrl, neo4jUrl, neo4jUser, neo4jPassword } = config
  return {
    dataDir: data,
    ...(postgresUrl !== null && { postgresUrl }),
    ...(neo4jUrl !== null && { neo4j: { url: neo4jUrl, user: neo4jUser, password: neo4jPassword ?? '' } }),
  }
}

export { Chance } from './chance.ts'
export type { AdapterUnderTest, Script, ScriptedStep } from './conformance/adapter-under-test.ts'
export { describeAdapter } from './conformance/describe-adapter.ts'
export { createDatabaseWithLogins, type DatabaseWithLogins } from './database-with-logins.ts'
export { describeOnBoth } from './describe-on-both.ts'
export { embeddedDirectory } from './embedded-directory.ts'
export { faultyDatabase, type Fault, type FaultyDatabase } from './faulty-database.ts'
export { fakeClock, type FakeClock } from './fake-clock.ts'
export { Link } from './network/link.ts'
export { certificates } from './nats/certificates.ts'
export { natsMissing, natsProgram } from './nats/nats-program.ts'
export type { NatsServer } from './nats/nats-server.ts'
export {
  describeOnNats,
  NatsCluster,
  type NatsClusterOptions,
  openNats,
  startNats,
} from './nats/start-nats.ts'
export {
  defaultSettings,
  PostgresServer,
  startPostgres,
  type PostgresServerOptions,
} from './postgres/server.ts'
export {
  Program,
  runProgram,
  startProgram,
  type ProgramExit,
  type ProgramOptions,
  type ProgramResult,
} from './program/program.ts'
export { redisMissing, redisProgram } from './redis/redis-program.ts'
export { describeOnRedis, openRedis, RedisServer, startRedis } from './redis/redis-server.ts'
export { releaseAfterTest, type Release } from './release.ts'
export { createEmptyDatabase, createMigratedDatabase, openTestDatabase } from './test-database.ts'
export { type DatabaseKind, databaseKinds } from './database-kind.ts'
export { type HistoryExecution, simulateHistory, type SimulatedHistory } from './history/simulate-history.ts'
export { writeHistory } from './history/write-history.ts'
export { failed, SimulatedExecution, type SimulationOptions, succeeded } from './simulated-execution.ts'

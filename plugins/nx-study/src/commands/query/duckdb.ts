import type { DuckDBConnection, Json as DuckJson } from '@duckdb/node-api';
import { errorCode } from '../../base/errno.ts';
import { queryTexts as texts } from './texts.ts';

/** A table that a query can use: the Parquet files that it is read from, whose columns go by their names. */
export interface Source {
  name: string;
  files: string[];
}

export interface Answered {
  columns: { name: string; type: string }[];
  rows: DuckJson[][];
}

/**
 * The answer to one or more SQL statements, the last one's, by DuckDB in memory. The statements can read no file and write
 * none: the sources are loaded first, and all access to files is off then. Only sources that the SQL names are loaded.
 * @throws Error with DuckDB's own words for wrong SQL.
 */
export async function ask(sql: string, sources: readonly Source[]): Promise<Answered> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const source of sources.filter(({ name }) => names(sql, name))) await fill(connection, source);
    await connection.run('set enable_external_access = false');
    const read = await connection.runAndReadAll(sql).catch((error: unknown) => {
      throw new Error(texts.wrong((error as Error).message), { cause: error });
    });
    const types = read.columnTypes();
    return {
      columns: read.columnNames().map((name, index) => ({ name, type: String(types[index]) })),
      rows: read.getRowsJson(),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Whether the SQL names a table; a word within a text counts too, which costs time only. */
export const names = (sql: string, table: string): boolean => new RegExp(`\\b${table}\\b`, 'i').test(sql);

/** @param tables - the folder of the study's tables, for the message. @throws Error with the next step where DuckDB isn't installed. */
export async function needDuckDb(tables: string): Promise<void> {
  try {
    await import('@duckdb/node-api');
  } catch (error) {
    if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(errorCode(error) ?? '')) throw error;
    throw new Error(texts.notInstalled(tables), { cause: error });
  }
}

async function fill(connection: DuckDBConnection, { name, files }: Source): Promise<void> {
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  await connection.run(`create table ${name} as from read_parquet([${list}], union_by_name = true)`);
}

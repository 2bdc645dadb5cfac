import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Tokens of a laptop's deployment, for whoever may read its data folder: `tokens.json`, mode 0600. */
export type TokensFile = Readonly<Partial<Record<string, string>>>;

const fileOf = (dataDir: string): string => join(dataDir, 'tokens.json');

export async function readTokens(dataDir: string): Promise<TokensFile> {
  try {
    return JSON.parse(await readFile(fileOf(dataDir), 'utf8')) as TokensFile;
  } catch {
    // Missing or unreadable: new tokens are made, and the old ones revoked.
    return {};
  }
}

export async function writeTokens(dataDir: string, tokens: TokensFile): Promise<void> {
  const file = fileOf(dataDir);
  await writeFile(`${file}.new`, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

import type { S3Client } from "@aws-sdk/client-s3";
import { ProRecError } from "../../errors.ts";
import { printable } from "../../io/printable.ts";
import { optional } from "../optional.ts";
import { absent, alone, assertKey, assertPrefix } from "./key.ts";
import type { Entry, Store } from "./store.ts";

/**
 * A store in a bucket of S3 or what speaks its protocol. Endpoint, region and credentials come from the environment alone
 * (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, ..., or the role of the machine).
 */
export async function openBucket(url: string): Promise<Store> {
  const { bucket, prefix } = parseBucket(url);
  const location = `s3://${bucket}/${prefix}`;
  const sdk = await optional("@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"));
  const client = new sdk.S3Client(settingsFrom(process.env));
  const at = (key: string) => {
    assertKey(key);
    return { Bucket: bucket, Key: prefix + key };
  };
  const entriesBelow = async (start: string) => {
    assertPrefix(start);
    return entries(sdk, client, bucket, prefix, start).catch((error) => {
      throw failure("UNREADABLE_FILE", `list ${location}${start}`, error);
    });
  };
  return {
    location,
    async put(key, bytes) {
      const place = at(key);
      const command = new sdk.PutObjectCommand({
        ...place,
        Body: unshared(bytes),
        ContentLength: bytes.length,
      });
      await client.send(command).catch((error) => {
        throw failure("UNWRITABLE_FILE", `write ${location}${key}`, error);
      });
    },
    async get(key) {
      const command = new sdk.GetObjectCommand(at(key));
      try {
        const { Body } = await client.send(command);
        return alone(await Body!.transformToByteArray());
      } catch (error) {
        throw isAbsent(error)
          ? absent(key, location)
          : failure("UNREADABLE_FILE", `read ${location}${key}`, error);
      }
    },
    async has(key) {
      const command = new sdk.HeadObjectCommand(at(key));
      try {
        await client.send(command);
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw failure("UNREADABLE_FILE", `read ${location}${key}`, error);
      }
    },
    list: async (start) => (await entriesBelow(start)).map(({ key }) => key),
    entries: entriesBelow,
    async remove(key) {
      const command = new sdk.DeleteObjectCommand(at(key));
      await client.send(command).catch((error) => {
        throw failure("UNWRITABLE_FILE", `remove ${location}${key}`, error);
      });
    },
    removeUnfinished: async () => 0, // a PUT that breaks off leaves nothing
  };
}

/** Bucket and prefix ("" or with a slash at its end) of `s3://bucket/prefix`; nothing of what is refused is repeated. */
function parseBucket(url: string): { bucket: string; prefix: string } {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^?#]*))?$/.exec(url) ?? [];
  const prefix = path.replace(/\/*$/, "/").replace(/^\/$/, "");
  try {
    assertPrefix(prefix);
  } catch {
    throw refused();
  }
  if (bucket === undefined) throw refused();
  return { bucket, prefix };
}

function refused(): ProRecError {
  return new ProRecError("UNUSABLE_CLUSTER", "The store is neither a folder nor s3://bucket/prefix.", {
    hint: "Credentials, region and endpoint belong in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL), not in the address.",
  });
}

/** Servers other than Amazon's often have no region, no names for buckets and no trailing checksums. */
function settingsFrom(environment: NodeJS.ProcessEnv) {
  const elsewhere = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? (elsewhere && "us-east-1");
  return {
    ...(region ? { region } : {}),
    forcePathStyle: elsewhere !== undefined,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  } as const;
}

/** All pages of a listing. S3 sorts by UTF-8 bytes, which for keys is the order of strings. */
async function entries(
  sdk: typeof import("@aws-sdk/client-s3"),
  client: S3Client,
  bucket: string,
  prefix: string,
  start: string,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const { Contents = [] } of sdk.paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix + start },
  )) {
    for (const { Key, Size = 0, LastModified = new Date(0) } of Contents) {
      found.push({ key: Key!.slice(prefix.length), bytes: Size, written: LastModified });
    }
  }
  return found;
}

/** The SDK hashes and sends what no other thread can change. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes;
}

interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function isAbsent(error: unknown): boolean {
  const { name } = error as ServiceError;
  return name === "NoSuchKey" || name === "NotFound";
}

/** Without the SDK's error as its cause: that may quote keys and requests. */
function failure(code: "UNREADABLE_FILE" | "UNWRITABLE_FILE", what: string, error: unknown): ProRecError {
  const { name = "", code: system = "", message = "", $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  const [, reason, hint] = REASONS.find(([pattern]) => pattern.test(`${name} ${system} ${status}`)) ?? [];
  return new ProRecError(
    code,
    `Can't ${what}: ${reason ?? printable(message || name || "unknown error", 200)}.`,
    {
      details: { system: name || system, status },
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

const REASONS: readonly (readonly [pattern: RegExp, reason: string, hint: string])[] = [
  [
    /NoSuchBucket/,
    "there is no such bucket",
    "Make the bucket first, or check AWS_ENDPOINT_URL and AWS_REGION.",
  ],
  [
    /StorageFull|QuotaExceeded|EntityTooLarge| 507/,
    "there is no room for it",
    "Free some space in the bucket.",
  ],
  [
    /Credentials/,
    "there are no credentials",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.",
  ],
  [
    /Signature|InvalidAccessKeyId|AccessDenied|ExpiredToken| 403| 401/,
    "permission denied",
    "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy (it needs GetObject, PutObject, DeleteObject and ListBucket).",
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|TimeoutError|ETIMEDOUT/,
    "the server can't be reached",
    "Check AWS_ENDPOINT_URL, AWS_REGION and the network.",
  ],
];

#!/usr/bin/env node
import { commands } from "./commands.ts";
import { run } from "./run.ts";

process.exit(await run(commands, process.argv.slice(2)));

import type { Command } from "commander";
import type { Session } from "../session.ts";
import { registerNoiseInject } from "./noise-inject.ts";
import { registerNoiseLab } from "./noise-lab.ts";
import { registerNoiseScore } from "./noise-score.ts";

export function registerNoise(program: Command, session: Session): void {
  const group = program
    .command("noise")
    .description("Puts known noise into a log, scores how well it was found, or does both for many kinds.")
    .helpOption("-h, --help", "print what a command does and its options");
  registerNoiseInject(group, session);
  registerNoiseScore(group, session);
  registerNoiseLab(group, session);
}

import { ProRecError } from "../errors.ts";

/**
 * A package that only clusters need and that isn't installed with ProRec.
 * @throws ProRecError UNUSABLE_CLUSTER saying how to install it
 */
export async function optional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(`'${name}'`)) throw error;
    throw new ProRecError("UNUSABLE_CLUSTER", `This needs the package ${name}, which isn't installed.`, {
      details: { package: name },
      hint: `npm install ${name}`,
      cause: error,
    });
  }
}

export { addColumns } from "./columns";
export { rank } from "./ranks";
export { gather, planRow, powerRow } from "./rows";
export { scoreRows } from "./scores";
export { split } from "./split";

import { Program } from "loyalty-rules";

const program = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000 });
console.log(program.award({ total: 250_000, digit: 5 }).explain("en").line);

export { Operations as default } from "../ui/parts/Operations.tsx";

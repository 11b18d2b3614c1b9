export default function Operations() {
  return <p>soon</p>;
}

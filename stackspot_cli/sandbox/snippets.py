"""The code that the sandbox writes: a small table of tasks and languages.

Knows which words ask for code and which snippet fits them; refuses to know where the words came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """title: for people. language: as a fence names it. code: ends in a newline."""

    title: str
    language: str
    code: str


_LANGUAGES = (  # the fence's name, how people call it, the words that ask for it
    ("python", "Python", {"python", "python3", "py", "pytest", "django", "flask"}),
    ("typescript", "TypeScript", {"typescript", "ts"}),
    ("javascript", "JavaScript", {"javascript", "js", "node", "nodejs", "react"}),
    ("sql", "SQL", {"sql", "sqlite", "postgres", "postgresql", "mysql"}),
    ("bash", "Bash", {"bash", "shell", "sh", "zsh"}),
    ("go", "Go", {"golang"}),
    ("java", "Java", {"java"}),
    ("rust", "Rust", {"rust"}),
)
_TASKS = (
    ("factorial", {"factorial", "factorials", "fatorial", "fatoriais"}),
    ("fibonacci", {"fibonacci"}),
    ("prime", {"prime", "primes", "primo", "primos", "is_prime"}),
)
_CODE = {
    *("code", "coding", "function", "functions", "method", "class", "script", "program", "algorithm"),
    *("implement", "refactor", "snippet", "regex", "código", "codigo", "função", "funcao", "funções"),
    *("método", "metodo", "classe", "programa", "algoritmo", "implemente", "implementar", "refatore"),
}
_WRITE = {"write", "generate", "escreva", "escreve", "escrever", "crie", "gere"}
_PROSE = {
    *("poem", "haiku", "story", "email", "e-mail", "letter", "essay", "summary"),
    *("poema", "história", "carta", "texto", "resumo"),
}


def words_of(text: str) -> list[str]:
    """The words in lower case, in their order."""
    return re.findall(r"\w[\w-]*", text.lower())


def snippet_for(request: str, *, brings_code: bool = False) -> Snippet | None:
    """The code that suits the request, or None where it does not ask for code.

    brings_code: whether it comes with code of its own. Then only a task that is known is one for new code.
    """
    said = set(words_of(request))
    language = next((entry for entry in _LANGUAGES if said & entry[2]), None)
    task = next((name for name, words in _TASKS if said & words), None)
    asked = said & _CODE or (said & _WRITE and not said & _PROSE)
    if not (task or ((language or asked) and not brings_code)):
        return None
    if language is None and "go" in said and " in Go" in request:  # elsewhere a verb
        language = ("go", "Go", set())
    fence, called = (language[0], language[1]) if language else ("python", "Python")
    code = _SNIPPETS.get((task or "greeting", fence))
    if code is None:
        task, code = None, _SNIPPETS["greeting", fence]
    return Snippet(f"{(task or 'greeting').capitalize()} in {called}", fence, code)


_SNIPPETS: dict[tuple[str, str], str] = {
    ("factorial", "python"): '''\
def factorial(n: int) -> int:
    """Return n! for a whole number n >= 0."""
    if n < 0:
        raise ValueError("n must be 0 or more")
    result = 1
    for factor in range(2, n + 1):
        result *= factor
    return result


if __name__ == "__main__":
    print(factorial(5))  # 120
''',
    ("fibonacci", "python"): '''\
def fibonacci(count: int) -> list[int]:
    """Return the first `count` Fibonacci numbers, from 0."""
    numbers: list[int] = []
    a, b = 0, 1
    for _ in range(count):
        numbers.append(a)
        a, b = b, a + b
    return numbers


if __name__ == "__main__":
    print(fibonacci(10))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
''',
    ("prime", "python"): '''\
def is_prime(n: int) -> bool:
    """Tell whether n is a prime number."""
    if n < 2:
        return False
    divisor = 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 1
    return True


if __name__ == "__main__":
    print([n for n in range(30) if is_prime(n)])
''',
    ("greeting", "python"): '''\
def greet(name: str = "world") -> str:
    """Return a friendly greeting."""
    return f"Hello, {name}!"


if __name__ == "__main__":
    print(greet("StackSpot"))
''',
    ("factorial", "javascript"): """\
function factorial(n) {
  if (!Number.isInteger(n) || n < 0) throw new RangeError("n must be 0 or more");
  let result = 1n;
  for (let factor = 2n; factor <= BigInt(n); factor++) result *= factor;
  return result;
}

console.log(factorial(5)); // 120n
""",
    ("greeting", "javascript"): """\
function greet(name = "world") {
  return `Hello, ${name}!`;
}

console.log(greet("StackSpot"));
""",
    ("factorial", "typescript"): """\
function factorial(n: number): bigint {
  if (!Number.isInteger(n) || n < 0) throw new RangeError("n must be 0 or more");
  let result = 1n;
  for (let factor = 2n; factor <= BigInt(n); factor++) result *= factor;
  return result;
}

console.log(factorial(5)); // 120n
""",
    ("greeting", "typescript"): """\
function greet(name: string = "world"): string {
  return `Hello, ${name}!`;
}

console.log(greet("StackSpot"));
""",
    ("factorial", "sql"): """\
WITH RECURSIVE steps(n, factorial) AS (
  SELECT 0, 1
  UNION ALL
  SELECT n + 1, factorial * (n + 1) FROM steps WHERE n < 10
)
SELECT n, factorial FROM steps;
""",
    ("greeting", "sql"): """\
SELECT name, COUNT(*) AS orders
FROM customers
JOIN orders ON orders.customer_id = customers.id
GROUP BY name
ORDER BY orders DESC
LIMIT 10;
""",
    ("factorial", "bash"): """\
#!/usr/bin/env bash
set -euo pipefail

factorial() {
  local result=1 factor
  for ((factor = 2; factor <= $1; factor++)); do
    ((result *= factor))
  done
  printf '%d\\n' "$result"
}

factorial "${1:-5}" # 120
""",
    ("greeting", "bash"): """\
#!/usr/bin/env bash
set -euo pipefail

greet() {
  printf 'Hello, %s!\\n' "${1:-world}"
}

greet "$@"
""",
    ("factorial", "go"): """\
package main

import (
\t"fmt"
\t"math/big"
)

func factorial(n int64) *big.Int {
\treturn new(big.Int).MulRange(1, n)
}

func main() {
\tfmt.Println(factorial(5)) // 120
}
""",
    ("greeting", "go"): """\
package main

import "fmt"

func greet(name string) string {
\treturn fmt.Sprintf("Hello, %s!", name)
}

func main() {
\tfmt.Println(greet("StackSpot"))
}
""",
    ("factorial", "java"): """\
import java.math.BigInteger;

public class Factorial {
    static BigInteger factorial(int n) {
        BigInteger result = BigInteger.ONE;
        for (int factor = 2; factor <= n; factor++) {
            result = result.multiply(BigInteger.valueOf(factor));
        }
        return result;
    }

    public static void main(String[] args) {
        System.out.println(factorial(5)); // 120
    }
}
""",
    ("greeting", "java"): """\
public class Greeting {
    static String greet(String name) {
        return "Hello, " + name + "!";
    }

    public static void main(String[] args) {
        System.out.println(greet("StackSpot"));
    }
}
""",
    ("factorial", "rust"): """\
fn factorial(n: u32) -> u128 {
    (1..=u128::from(n)).product()
}

fn main() {
    println!("{}", factorial(5)); // 120
}
""",
    ("greeting", "rust"): """\
fn greet(name: &str) -> String {
    format!("Hello, {name}!")
}

fn main() {
    println!("{}", greet("StackSpot"));
}
""",
}

//! As much of TypeScript's types as the contract uses: interfaces, unions, literals, arrays, tuples, records, indexed types.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// A type expression.
#[derive(Debug, Clone)]
pub enum Type {
    Name(String),
    /// `Settings['language']`
    Indexed(String, String),
    Literal(Value),
    Array(Box<Type>),
    /// Of a command's question and answer; none crosses.
    Tuple,
    Record(Box<Type>),
    Object(Vec<(String, Type)>),
    Union(Vec<Type>),
}

/// The types of the contract by name.
pub struct Contract {
    pub types: BTreeMap<String, Type>,
}

impl Contract {
    /// What `contract.ts` of this folder hands on: each file of the folder `contract` beside it, whole and once, and no other.
    pub fn read(folder: &Path) -> Self {
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_else(|_| panic!("no {}", path.display()));
        let mut parser = Parser { tokens: tokens(&text(&folder.join("contract.ts"))), at: 0 };
        let mut handed_on = Vec::new();
        while parser.peek().is_some() {
            ["export", "type", "*", "from"].into_iter().for_each(|token| parser.expect(token));
            let file = parser.next();
            let file = file.strip_prefix("'./contract/").and_then(|file| file.strip_suffix('\''));
            handed_on.push(format!("{}.ts", file.expect("a file of the contract")));
            parser.expect(";");
        }
        handed_on.sort();
        let parts = folder.join("contract");
        let mut there: Vec<String> = fs::read_dir(&parts)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(handed_on, there, "contract.ts hands on what is there");
        let sources: Vec<String> = there.iter().map(|file| text(&parts.join(file))).collect();
        Self::parse(sources.iter().map(String::as_str))
    }

    /// The types of these sources. What they take from each other goes by one name everywhere, so no name is given twice.
    pub fn parse<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let mut types = BTreeMap::new();
        for source in sources {
            Self::parse_one(source, &mut types);
        }
        Self { types }
    }

    fn parse_one(source: &str, types: &mut BTreeMap<String, Type>) {
        let mut parser = Parser { tokens: tokens(source), at: 0 };
        while parser.peek() == Some("import") {
            parser.import();
        }
        while parser.peek().is_some() {
            parser.expect("export");
            let interface = parser.next() == "interface";
            let name = parser.next();
            if !interface {
                parser.expect("=");
            }
            let parsed = parser.union();
            if parser.peek() == Some(";") {
                parser.next();
            }
            assert!(types.insert(name.clone(), parsed).is_none(), "{name} is there twice");
        }
    }

    /// Whether a value is of a type, or where it is not.
    pub fn check(&self, value: &Value, expected: &Type) -> Result<(), String> {
        match expected {
            Type::Name(name) => match name.as_str() {
                "string" => need(value.is_string(), value, "a string"),
                "number" => need(value.is_number(), value, "a number"),
                "boolean" => need(value.is_boolean(), value, "a boolean"),
                "null" | "void" => need(value.is_null(), value, "null"),
                _ => self.check(value, self.types.get(name).unwrap_or_else(|| panic!("no type {name}"))),
            },
            Type::Indexed(name, member) => {
                let Some(Type::Object(members)) = self.types.get(name) else {
                    panic!("{name} has no members")
                };
                let (_, found) = members.iter().find(|(known, _)| known == member).unwrap();
                self.check(value, found)
            }
            Type::Literal(literal) => {
                let same = match (literal.as_f64(), value.as_f64()) {
                    (Some(one), Some(other)) => (one - other).abs() < 1e-6,
                    _ => literal == value,
                };
                need(same, value, &literal.to_string())
            }
            Type::Array(of) => {
                let list = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
                list.iter()
                    .enumerate()
                    .try_for_each(|(at, one)| self.check(one, of).map_err(|error| format!("[{at}] {error}")))
            }
            Type::Record(of) => {
                let map = value.as_object().ok_or_else(|| format!("{value} is no record"))?;
                map.iter().try_for_each(|(name, one)| {
                    self.check(one, of).map_err(|error| format!("{name}: {error}"))
                })
            }
            Type::Tuple => panic!("no tuple crosses"),
            Type::Object(members) => {
                let map = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
                for (name, of) in members {
                    let one = map.get(name).ok_or_else(|| format!("{name} is missing in {value}"))?;
                    self.check(one, of).map_err(|error| format!("{name}: {error}"))?;
                }
                match map.keys().find(|name| !members.iter().any(|(known, _)| known == *name)) {
                    Some(spare) => Err(format!("{spare} is not in the contract")),
                    None => Ok(()),
                }
            }
            Type::Union(ways) => {
                let mut errors = Vec::new();
                for way in ways {
                    match self.check(value, way) {
                        Ok(()) => return Ok(()),
                        Err(error) => errors.push(error),
                    }
                }
                Err(errors.join(" / "))
            }
        }
    }
}

fn need(so: bool, value: &Value, expected: &str) -> Result<(), String> {
    if so { Ok(()) } else { Err(format!("{value} is not {expected}")) }
}

/// Words, numbers, quoted texts and signs, without comments.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return tokens };
        let length = if rest.starts_with("/*") {
            rest = &rest[rest.find("*/").unwrap() + 2..];
            continue;
        } else if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if first == '\'' {
            rest[1..].find('\'').unwrap() + 2
        } else if first.is_alphanumeric() {
            rest.find(|next: char| !(next.is_alphanumeric() || next == '.' || next == '_'))
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        tokens.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn expect(&mut self, token: &str) {
        let found = self.next();
        assert_eq!(found, token, "after {:?}", &self.tokens[self.at.saturating_sub(8)..self.at]);
    }

    /// `import type { Text } from './text';`, of a neighbour and under the same name.
    fn import(&mut self) {
        ["import", "type", "{"].into_iter().for_each(|token| self.expect(token));
        loop {
            let name = self.next();
            assert!(name.starts_with(char::is_alphabetic), "{name} is imported");
            if self.peek() == Some("}") {
                break;
            }
            self.expect(",");
        }
        self.expect("}");
        self.expect("from");
        let from = self.next();
        assert!(from.starts_with("'./") && !from.contains(".."), "{from} is no neighbour");
        self.expect(";");
    }

    fn union(&mut self) -> Type {
        let mut ways = Vec::new();
        if self.peek() == Some("|") {
            self.next();
        }
        loop {
            ways.push(self.one());
            if self.peek() != Some("|") {
                break;
            }
            self.next();
        }
        if ways.len() == 1 { ways.remove(0) } else { Type::Union(ways) }
    }

    fn one(&mut self) -> Type {
        let token = self.next();
        let mut parsed = match token.as_str() {
            "(" => {
                let inner = self.union();
                self.expect(")");
                inner
            }
            "{" => self.object(),
            "[" => {
                while self.peek() != Some("]") {
                    self.union();
                    if self.peek() == Some(",") {
                        self.next();
                    }
                }
                self.next();
                Type::Tuple
            }
            "true" => Type::Literal(Value::Bool(true)),
            "false" => Type::Literal(Value::Bool(false)),
            "Record" => {
                self.expect("<");
                let _key = self.union();
                self.expect(",");
                let of = self.union();
                self.expect(">");
                Type::Record(Box::new(of))
            }
            text if text.starts_with('\'') => {
                Type::Literal(Value::String(text.trim_matches('\'').to_owned()))
            }
            text if text.starts_with(|first: char| first.is_ascii_digit()) => {
                Type::Literal(serde_json::from_str(text).unwrap())
            }
            name => Type::Name(name.to_owned()),
        };
        while self.peek() == Some("[") {
            self.next();
            let inner = self.next();
            if inner == "]" {
                parsed = Type::Array(Box::new(parsed));
            } else {
                let Type::Name(name) = parsed else { panic!("an indexed type has a name") };
                parsed = Type::Indexed(name, inner.trim_matches('\'').to_owned());
                self.expect("]");
            }
        }
        parsed
    }

    fn object(&mut self) -> Type {
        let mut members = Vec::new();
        loop {
            let name = self.next();
            if name == "}" {
                return Type::Object(members);
            }
            self.expect(":");
            members.push((name, self.union()));
            if matches!(self.peek(), Some(";" | ",")) {
                self.next();
            }
        }
    }
}

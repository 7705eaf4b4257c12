//! The pages of the docs state what the library answers.

use serde_json::Value;

/// The worked examples of a page: the operation, its request and its answer. A block that names no operation is of the one
/// that the text before it is about. What is told in part (`…`) is left out.
fn examples(page: &str) -> Vec<(String, Value, Value)> {
    let mut examples = Vec::new();
    let mut about = "";
    for (number, part) in page.split("```").enumerate() {
        if number % 2 == 0 {
            about = part.rsplit_once("**`").and_then(|(_, rest)| rest.split_once('`')).map_or(about, |(name, _)| name);
            continue;
        }
        let Some(block) = part.strip_prefix("\n> ").filter(|block| !block.contains('…')) else { continue };
        let (operation, rest) = if block.starts_with('{') { (about, block) } else { block.split_once('\n').expect("a request") };
        let (request, answer) = rest.split_once("\n< ").expect("an answer below the request");
        let json = |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{operation}: {error}: {text}"));
        examples.push((operation.to_owned(), json(request), json(answer)));
    }
    examples
}

#[test]
fn worked_examples_are_answered_as_stated() {
    let pages = [include_str!("../../../docs/operations.md"), include_str!("../../../docs/till.md")];
    for page in pages {
        let examples = examples(page);
        assert!(!examples.is_empty(), "a page has no example, so this test sees nothing");
        for (operation, request, stated) in examples {
            let answer: Value = serde_json::from_slice(&loyalty_api::call(&operation, request.to_string().as_bytes())).expect("JSON");
            assert_eq!(answer, stated, "{operation}");
        }
    }
}

/// What the page of a till names, a till's library answers.
#[test]
fn a_till_has_the_operations_of_its_page() {
    let page = include_str!("../../../docs/till.md");
    let rows = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(2));
    let named: Vec<&str> = rows.filter_map(|cell| cell.trim().strip_prefix('`')?.strip_suffix('`')).collect();
    assert_eq!(named.len(), 8, "{named:?}");
    for name in named {
        let of_a_till = &[loyalty_rules::api::TILL];
        assert!(loyalty_rules::api::told(of_a_till).any(|operation| operation.name == name), "{name}");
    }
}

//! The network as one fold: the keys of an event, and the event applied.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fold::{self, Event, EventRequest, Fact, Keys, NetworkProgram, NetworkSettings, NetworkTerms, Outcome, StateNodes, States};
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::json::{Entry, Json, Node};
use loyalty_rules::api::wire::{AsWritten, At, Defs, Describe, Object, Path, Properties, Read, Refusal, Write, answer, operations, record};

operations! {
    "network.keys" ["NW-1 NW-7"] "The keys of the states that an event touches.": keys, EventRequest => EventKeys;
    "network.apply" ["NW-1 NW-2 NW-3 NW-4 NW-5 NW-6 NW-7 NW-8 NW-9 NW-11"] "An event applied to the states of its keys.": apply, FoldStep => FoldStepAnswer;
}

answer! {
    /// The keys of an event.
    pub struct EventKeys {
        /// Whose event it is.
        owner: String,
        /// The keys of the states that it may change, sorted by their bytes.
        write: Vec<String>,
        /// The keys of states that it only reads.
        read: Vec<String>,
    }
}

record! {
    /// An event and the states of its keys.
    pub struct FoldStep {
        /// The event.
        event: Event,
        /// The time at which an event that waited is judged, as `again` stated it.
        at: Option<AsWritten>,
        /// The states of its keys, `null` for an absent one.
        states: StateNodes,
        /// Pinned versions of the network's programs.
        programs: Vec<ProgramDocument> = Vec::new(),
        /// The settings.
        settings: NetworkSettings = NetworkSettings::default(),
    }
}

/// The answer of a step, which is written key by key.
#[derive(Clone, Debug)]
pub struct FoldStepAnswer {
    keys: Keys,
    applied: fold::Applied,
}

answer! {
    /// A waiting event that may go now.
    pub struct ReleasedEvent {
        /// The event.
        event: Event,
        /// The time at which it is judged.
        at: AsWritten,
    }
}

impl Object for FoldStepAnswer {
    const NAME: &'static str = "FoldStepAnswer";
    const DOC: &'static str = "What an event led to.";

    fn put(&self, entry: &mut Entry<'_>) {
        let fold::Applied { outcome, states, facts, out, again } = &self.applied;
        entry.value("outcome", outcome);
        entry.put("states", |json| {
            json.object(|entry| {
                for key in self.keys.write.iter().chain(&self.keys.read) {
                    if let Some(states) = states {
                        entry.put(key, |json| states.write(key, json));
                    }
                }
            });
        });
        entry.value("facts", facts);
        entry.value("out", out);
        let again: Vec<ReleasedEvent> = again.iter().map(|next| ReleasedEvent { event: next.event.clone(), at: next.at }).collect();
        entry.value("again", &again);
    }

    fn describe(properties: &mut Properties<'_>) {
        properties.field::<Outcome>("outcome", "What became of it.", true, None);
        properties.field::<StateNodes>(
            "states",
            "The states of its keys, `null` for an absent one; of a duplicate and a conflict none.",
            true,
            None,
        );
        properties.field::<Vec<Fact>>("facts", "What happened.", true, None);
        properties.field::<Vec<Event>>("out", "Messages to other owners.", true, None);
        properties.field::<Vec<ReleasedEvent>>("again", "Waiting events that may go now.", true, None);
    }
}

impl Read for StateNodes {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::Object(entries) => Self(entries.clone()),
            _ => at.refuse(loyalty_rules::error::Fault::WantsObject, Self::default()),
        }
    }
}

impl Write for StateNodes {
    fn write(&self, json: &mut Json) {
        json.object(|entry| {
            for (key, node) in &self.0 {
                entry.put(key, |json| json.raw(&loyalty_rules::api::canonical::text(node)));
            }
        });
    }
}

impl Describe for StateNodes {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"object\",\"null\"]}}".into()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn keys(request: &EventRequest) -> Result<EventKeys, Refusal> {
    let Keys { owner, write, read } = fold::keys(&request.event);
    Ok(EventKeys { owner: owner.as_str().into(), write, read })
}

fn apply(request: &FoldStep) -> Result<FoldStepAnswer, Refusal> {
    let keys = fold::keys(&request.event);
    let states = States::read(&keys, &request.states.0, &Path::Root.key("states"))?;
    let list = Path::Root.key("programs");
    let prove = |(index, document): (usize, &ProgramDocument)| NetworkProgram::prove(document, &list.entry(index));
    let programs = request.programs.iter().enumerate().map(prove).collect::<Result<_, _>>()?;
    let terms = NetworkTerms { programs, settings: request.settings.clone() };
    let applied = fold::apply(&request.event, request.at, states, &terms)?;
    Ok(FoldStepAnswer { keys, applied })
}

//! The answers of the wall, as they lie in its memory.

use wit_parser::{Int, Resolve, SizeAlign, Type, TypeDefKind};

/// Where the answers begin, aligned for any of them.
pub(super) const START: usize = 1024;
/// How interfaces say no, the plainest word first.
const REFUSALS: [&str; 5] = [
    "access-denied",
    "undefined",
    "internal-error",
    "io",
    "other",
];
const MESSAGE: &[u8] = b"not permitted";

pub(super) struct Answers<'a> {
    resolve: &'a Resolve,
    sizes: SizeAlign,
    bytes: Vec<u8>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Self {
        let mut sizes = SizeAlign::default();
        sizes.fill(resolve);
        Self {
            resolve,
            sizes,
            bytes: Vec::new(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the answer of this type lies that refuses, if there is one: an
    /// error, an empty list, or none.
    pub(super) fn refuse(&mut self, ty: Type) -> Option<usize> {
        let size = self.sizes.size(&ty).size_wasm32();
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.refuse(*inner),
            TypeDefKind::List(_) | TypeDefKind::Option(_) => Some(self.place(&vec![0; size])),
            TypeDefKind::Result(result) => {
                let cases = [result.ok.as_ref(), result.err.as_ref()];
                let offset = self.sizes.payload_offset(Int::U8, cases).size_wasm32();
                let mut answer = vec![0; size];
                *answer.first_mut()? = 1;
                self.error(answer.get_mut(offset..)?, result.err?)?;
                Some(self.place(&answer))
            }
            _ => None,
        }
    }

    fn place(&mut self, bytes: &[u8]) -> usize {
        let at = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(at, 0);
        self.bytes.extend(bytes);
        START + at
    }

    /// Writes the error that refuses.
    fn error(&mut self, answer: &mut [u8], ty: Type) -> Option<()> {
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.error(answer, *inner),
            TypeDefKind::Enum(cases) => {
                let names = cases.cases.iter().map(|case| case.name.as_str());
                *answer.first_mut()? = chosen(names)?;
                Some(())
            }
            TypeDefKind::Variant(variant) => {
                let names = variant.cases.iter().map(|case| case.name.as_str());
                let index = chosen(names)?;
                let types = variant.cases.iter().map(|case| case.ty.as_ref());
                let offset = self
                    .sizes
                    .payload_offset(variant.tag(), types)
                    .size_wasm32();
                *answer.first_mut()? = index;
                match variant.cases.get(usize::from(index))?.ty {
                    Some(ty) => self.message(answer.get_mut(offset..)?, ty),
                    None => Some(()),
                }
            }
            _ => None,
        }
    }

    /// Writes what an error says: a text, or maybe one.
    fn message(&mut self, answer: &mut [u8], ty: Type) -> Option<()> {
        if ty == Type::String {
            let at = u32::try_from(self.place(MESSAGE)).ok()?;
            let length = u32::try_from(MESSAGE.len()).ok()?;
            answer.get_mut(..4)?.copy_from_slice(&at.to_le_bytes());
            answer.get_mut(4..8)?.copy_from_slice(&length.to_le_bytes());
            return Some(());
        }
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.message(answer, *inner),
            TypeDefKind::Option(inner) => {
                let offset = self.sizes.payload_offset(Int::U8, [None, Some(inner)]);
                *answer.first_mut()? = 1;
                self.message(answer.get_mut(offset.size_wasm32()..)?, *inner)
            }
            _ => None,
        }
    }

    fn kind(&self, ty: Type) -> Option<&'a TypeDefKind> {
        match ty {
            Type::Id(id) => Some(&self.resolve.types[id].kind),
            _ => None,
        }
    }
}

/// Which of these cases says no best.
fn chosen<'n>(names: impl Iterator<Item = &'n str>) -> Option<u8> {
    let names: Vec<_> = names.collect();
    let found = REFUSALS
        .iter()
        .find_map(|refusal| names.iter().position(|name| name == refusal))?;
    u8::try_from(found).ok()
}

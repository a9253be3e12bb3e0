//! The tree of markers under a key, by the digits of writers' names.
//!
//! Each marker has at most 64 possible children, so a reader finds all writers under a key without
//! listing keys. Writers with consecutive numbers share a parent: the first pages of 64 of them are one
//! batch read.

use uuid::Uuid;

use super::{
    Key, KeyValue, MARKER, StoreError, read, write,
    writer::{DIGITS, MAX_LENGTH, PER_PAGE, RANDOM_LENGTH},
};

/// The most parents of writers that are visited at once: their children are two batch reads.
const PARENTS: usize = 3;

/// The number of slots of a writer that are read at once, after the first.
const SLOTS: u32 = 32;

/// The number of digits that named a page of references in the first version.
const REFERENCE_LENGTH: usize = 4;

/// The form of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Names as [`Writer`](super::writer::Writer) makes them, and pages of items of so many bytes.
    Pages(usize),
    /// The form of the first version: names of six digits, and one item in each slot.
    Slots,
    /// The form of references in the first version: names of four digits, and one page for each.
    References,
}

/// A list of a writer.
#[derive(Debug)]
pub(super) struct List {
    /// The name of the writer.
    pub(super) name: String,
    /// The values of its pages.
    pub(super) pages: Vec<Vec<u8>>,
}

/// A step of a walk.
#[derive(Debug)]
pub(super) enum Walked {
    /// It has found no writer yet.
    On,
    /// It has found the lists of these writers.
    To(Vec<List>),
    /// There are no others.
    End,
}

impl List {
    /// Returns the number after that of the last page.
    fn end(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }
}

/// A walk to the lists of all writers under a key.
///
/// It is depth-first, so that a caller that needs only some of many writers finds them soon. Each
/// walk starts in a random place, so that walks that never finish reach all writers in time.
pub(super) struct Walk {
    root: Key,
    form: Form,
    open: Vec<Step>,
    /// Where it begins among the children of a node.
    random: usize,
    /// The parents of the writers that are kept.
    kept: Vec<String>,
    /// The markers that lead to no writer that is kept.
    emptied: Vec<Key>,
}

enum Step {
    Visit(String),
    /// Comes after all visits below a node.
    Leave(String),
}

impl Walk {
    /// Begins at the root.
    pub(super) fn new(root: Key, form: Form) -> Self {
        Self {
            root,
            form,
            open: vec![Step::Visit(String::new())],
            random: usize::from(Uuid::new_v4().into_bytes()[0]),
            kept: Vec::new(),
            emptied: Vec::new(),
        }
    }

    /// Returns the keys of the possible children of the root in the first form.
    pub(super) fn first_slots(root: &Key) -> impl Iterator<Item = Key> {
        DIGITS.iter().map(|digit| root.push(char::from(*digit)))
    }

    /// Returns the key of a node; the root's is the key above the tree.
    pub(super) fn key(&self, node: &str) -> Key {
        if node.is_empty() {
            self.root.clone()
        } else {
            self.root.child(node)
        }
    }

    /// Returns the length of the names that begin like this.
    fn name_length(&self, node: &str) -> usize {
        match (self.form, node.as_bytes().first()) {
            (Form::Slots, _) => RANDOM_LENGTH,
            (Form::References, _) => REFERENCE_LENGTH,
            (Form::Pages(_), Some(b'0')) => 1 + RANDOM_LENGTH,
            (Form::Pages(_), Some(digit)) => 1 + usize::from(digit - b'0'),
            // No writer is below the root itself.
            (Form::Pages(_), None) => MAX_LENGTH,
        }
    }

    fn is_parent_of_writers(&self, node: &str) -> bool {
        node.len() + 1 == self.name_length(node)
    }

    /// Returns the names of the possible children of a node.
    fn children(&self, node: &str) -> Vec<String> {
        let digits = match self.form {
            Form::Pages(_) if node.is_empty() => &b"012345678"[..],
            _ => DIGITS,
        };
        let child = |digit: &u8| {
            let mut child = String::with_capacity(MAX_LENGTH + 1);
            child.push_str(node);
            child.push(char::from(*digit));
            child
        };
        digits.iter().map(child).collect()
    }

    /// Returns the key of a page of the list with this key.
    fn page_key(&self, list: &Key, number: u32) -> Key {
        match self.form {
            Form::References => list.clone(),
            Form::Pages(_) | Form::Slots => list.number(number),
        }
    }

    /// Takes the next step: makes a few reads at most.
    pub(super) fn next(&mut self, store: &impl KeyValue) -> Result<Walked, StoreError> {
        let mut parents = Vec::new();
        while parents.len() < PARENTS {
            match self.open.pop() {
                Some(Step::Visit(node)) if self.is_parent_of_writers(&node) => parents.push(node),
                Some(Step::Visit(node)) if parents.is_empty() => {
                    let mut children = self.children(&node);
                    let keys: Vec<Key> = children.iter().map(|child| self.key(child)).collect();
                    let markers = read::all(store, &keys)?;
                    children.retain(|child| markers.contains_key(self.key(child).as_str()));
                    self.open.push(Step::Leave(node));
                    // `rotate_left` would add 2 KB to the component.
                    let first = self.random.checked_rem(children.len()).unwrap_or_default();
                    let others = children.split_off(first);
                    self.open.extend(others.into_iter().map(Step::Visit));
                    self.open.extend(children.into_iter().map(Step::Visit));
                    return Ok(Walked::On);
                }
                Some(Step::Leave(node)) if parents.is_empty() => self.leave(&node),
                Some(step) => {
                    self.open.push(step);
                    break;
                }
                None => break,
            }
        }
        if parents.is_empty() {
            return Ok(Walked::End);
        }
        let names = parents.iter().flat_map(|node| self.children(node));
        let lists = names.map(|name| List {
            name,
            pages: Vec::new(),
        });
        let mut lists: Vec<List> = lists.collect();
        self.open.extend(parents.into_iter().map(Step::Leave));
        self.read(&mut lists, store)?;
        lists.retain(|list| !list.pages.is_empty());
        Ok(Walked::To(lists))
    }

    /// Reads the pages of lists, each up to the first that is not full.
    fn read(&self, lists: &mut [List], store: &impl KeyValue) -> Result<(), StoreError> {
        let mut open: Vec<usize> = (0..lists.len()).collect();
        let mut at_once = 1_u32;
        while !open.is_empty() {
            let next = |list: &List| {
                let key = self.key(&list.name);
                let first = list.end();
                (first..first + at_once).map(move |number| self.page_key(&key, number))
            };
            let keys: Vec<Key> = open.iter().flat_map(|&open| next(&lists[open])).collect();
            let mut values = read::all(store, &keys)?;
            let mut keys = keys.into_iter();
            open.retain(|&open| {
                let mut is_open = true;
                for _ in 0..at_once {
                    let Some(key) = keys.next() else { break };
                    let page = values.remove(key.as_str()).filter(|_| is_open);
                    is_open = page.as_ref().is_some_and(|page| self.is_full(page));
                    lists[open].pages.extend(page);
                }
                is_open
            });
            if self.form == Form::Slots {
                at_once = SLOTS;
            }
        }
        Ok(())
    }

    fn is_full(&self, page: &[u8]) -> bool {
        match self.form {
            Form::Pages(item) => page.len() >= item * PER_PAGE,
            Form::Slots => true,
            Form::References => false,
        }
    }

    /// Keeps the markers that lead to a writer. Must be called before the next writers are read.
    pub(super) fn keep(&mut self, name: &str) {
        let parent = &name[..name.len() - 1];
        if !self.kept.iter().any(|kept| kept == parent) {
            self.kept.push(parent.to_owned());
        }
    }

    /// Returns whether it has kept no writer.
    pub(super) fn has_kept_nothing(&self) -> bool {
        self.kept.is_empty()
    }

    fn leave(&mut self, node: &str) {
        let is_empty = !self.kept.iter().any(|kept| kept.starts_with(node));
        if is_empty && !node.is_empty() {
            self.emptied.push(self.key(node));
        }
    }

    /// Deletes lists, and the markers that lead to no writer that was kept.
    pub(super) fn delete(
        &mut self,
        lists: &[List],
        store: &impl KeyValue,
    ) -> Result<(), StoreError> {
        let mut pages: Vec<Vec<Key>> = Vec::new();
        for list in lists {
            self.add_keys(list, &mut pages);
        }
        pages.insert(0, std::mem::take(&mut self.emptied));
        // A reader finds a page only by the one before. Where a deletion is no transaction, a call of
        // its own keeps the sequence.
        while let Some(last) = pages.pop() {
            write::delete(store, &last)?;
        }
        Ok(())
    }

    /// Deletes the markers that lead to a writer whose list is deleted, as far as they lead to no other.
    pub(super) fn delete_empty_path(
        &self,
        writer: &str,
        store: &impl KeyValue,
    ) -> Result<(), StoreError> {
        for length in (1..writer.len()).rev() {
            let node = &writer[..length];
            let is_parent = self.is_parent_of_writers(node);
            let children = self.children(node).into_iter().map(|child| {
                let key = self.key(&child);
                if is_parent {
                    self.page_key(&key, 0)
                } else {
                    key
                }
            });
            let children: Vec<Key> = children.collect();
            let marker = self.key(node);
            if !read::all(store, &children)?.is_empty() {
                break;
            }
            store.delete_many(std::slice::from_ref(&marker))?;
            // A new writer may have written the marker just before.
            if !read::all(store, &children)?.is_empty() {
                write::set(store, vec![(marker, MARKER.to_vec())])?;
                break;
            }
        }
        Ok(())
    }

    /// Returns the list of one writer.
    pub(super) fn list_of(&self, name: &str, store: &impl KeyValue) -> Result<List, StoreError> {
        let mut list = List {
            name: name.to_owned(),
            pages: Vec::new(),
        };
        self.read(std::slice::from_mut(&mut list), store)?;
        Ok(list)
    }

    /// Adds the keys of a list to those that are to be deleted, by the number of the page.
    fn add_keys(&self, list: &List, pages: &mut Vec<Vec<Key>>) {
        let key = self.key(&list.name);
        for (page, number) in (0..list.end()).enumerate() {
            if page == pages.len() {
                pages.push(Vec::new());
            }
            pages[page].push(self.page_key(&key, number));
        }
        if self.form == Form::Slots
            && let Some(first) = pages.first_mut()
        {
            first.extend([key.child("done"), key]);
        }
    }
}

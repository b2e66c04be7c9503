use std::collections::{BTreeMap, HashMap};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::file::FileData;

/// The folder that everything is below.
pub(super) const ROOT: u64 = 1;

/// What is wrong with the disk itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Files are synced in word only.
    IgnoresFileSync,
    /// Folders are synced in word only.
    IgnoresFolderSync,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    File(FileData),
    Folder(Names),
}

pub(super) type Names = BTreeMap<String, u64>;

/// A change of names. Each is atomic, and durable on its own.
#[derive(Debug, Clone)]
enum Change {
    Add { folder: u64, name: String, node: u64 },
    Remove { folder: u64, name: String },
    Move { from: (u64, String), to: (u64, String), node: u64 },
}

impl Change {
    fn touches(&self, folder: u64) -> bool {
        match self {
            Self::Add { folder: of, .. } | Self::Remove { folder: of, .. } => *of == folder,
            Self::Move { from, to, .. } => from.0 == folder || to.0 == folder,
        }
    }

    fn apply(&self, names: &mut HashMap<u64, Names>) {
        match self {
            Self::Add { folder, name, node } => drop(names.entry(*folder).or_default().insert(name.clone(), *node)),
            Self::Remove { folder, name } => drop(names.entry(*folder).or_default().remove(name)),
            Self::Move { from, to, node } => {
                let before = names.entry(from.0).or_default();
                if before.get(&from.1) == Some(node) {
                    before.remove(&from.1);
                }
                names.entry(to.0).or_default().insert(to.1.clone(), *node);
            }
        }
    }
}

/// The disk behind the file system: files and folders as they are, and as much of them as is durable.
///
/// A sync makes durable what POSIX promises and no more: of a file its content and size, of a folder its names. That a
/// file was synced does not keep its name.
pub struct Disk {
    pub(super) nodes: HashMap<u64, Node>,
    synced_names: HashMap<u64, Names>,
    /// Since the last sync of the folders they touch, oldest first.
    changes: Vec<Change>,
    next_node: u64,
    fault: Fault,
    /// Operations until the power goes.
    fuse: Option<u64>,
    /// What is left, once the power has gone. Whoever is still running goes on with a disk that is no more.
    survivor: Option<Box<Disk>>,
    random: StdRng,
}

impl Disk {
    /// An empty disk.
    pub(super) fn new(seed: u64, fault: Fault) -> Self {
        Self {
            nodes: HashMap::from([(ROOT, Node::Folder(Names::new()))]),
            synced_names: HashMap::new(),
            changes: Vec::new(),
            next_node: ROOT + 1,
            fault,
            fuse: None,
            survivor: None,
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// The power goes before the `operations`-th change or sync from now.
    pub(super) fn cut_after(&mut self, operations: u64) {
        self.fuse = Some(operations);
    }

    /// The power goes now, if it has not. Returns the disk as it is found afterwards.
    pub(super) fn cut(&mut self) -> Disk {
        if self.survivor.is_none() {
            self.lose();
        }
        *self.survivor.take().unwrap()
    }

    /// Counts an operation that changes or syncs something.
    pub(super) fn operate(&mut self) {
        match &mut self.fuse {
            Some(0) if self.survivor.is_none() => self.lose(),
            Some(left) => *left = left.saturating_sub(1),
            None => {}
        }
    }

    pub(super) fn has_power(&self) -> bool {
        self.survivor.is_none()
    }

    fn lose(&mut self) {
        // From nothing to nearly everything of what was not synced.
        let keep = [0.0, 0.1, 0.5, 0.9, 1.0][self.random.random_range(0..5)];
        let mut names = self.synced_names.clone();
        let changes = self.changes.iter().filter(|_| self.random.random_bool(keep)).collect::<Vec<_>>();
        changes.into_iter().for_each(|change| change.apply(&mut names));
        let mut left = Disk::new(self.random.random(), self.fault);
        left.next_node = self.next_node;
        // Files without a name are gone.
        let mut folders = vec![ROOT];
        while let Some(folder) = folders.pop() {
            let content = names.get(&folder).cloned().unwrap_or_default();
            for node in content.values().filter(|node| self.nodes.contains_key(node)) {
                match &self.nodes[node] {
                    Node::Folder(_) => folders.push(*node),
                    Node::File(file) => {
                        left.nodes.insert(*node, Node::File(file.survivor(&mut self.random, keep)));
                    }
                }
            }
            left.nodes.insert(folder, Node::Folder(content.clone()));
            left.synced_names.insert(folder, content);
        }
        self.survivor = Some(Box::new(left));
    }

    pub(super) fn add(&mut self, folder: u64, name: &str, node: Node) -> u64 {
        let number = self.next_node;
        self.next_node += 1;
        self.nodes.insert(number, node);
        self.names(folder).insert(name.to_owned(), number);
        self.changes.push(Change::Add { folder, name: name.to_owned(), node: number });
        number
    }

    pub(super) fn remove(&mut self, folder: u64, name: &str) {
        self.names(folder).remove(name);
        self.changes.push(Change::Remove { folder, name: name.to_owned() });
    }

    pub(super) fn rename(&mut self, from: (u64, String), to: (u64, String)) {
        let Some(node) = self.names(from.0).remove(&from.1) else { return };
        self.names(to.0).insert(to.1.clone(), node);
        self.changes.push(Change::Move { from, to, node });
    }

    pub(super) fn names(&mut self, folder: u64) -> &mut Names {
        match self.nodes.get_mut(&folder) {
            Some(Node::Folder(names)) => names,
            _ => panic!("{folder} is no folder"),
        }
    }

    pub(super) fn sync_file(&mut self, node: u64) {
        if let (Some(Node::File(file)), false) = (self.nodes.get_mut(&node), self.fault == Fault::IgnoresFileSync) {
            file.sync();
        }
    }

    pub(super) fn sync_folder(&mut self, folder: u64) {
        if self.fault != Fault::IgnoresFolderSync {
            let (due, later) = std::mem::take(&mut self.changes).into_iter().partition(|change| change.touches(folder));
            self.changes = later;
            let due: Vec<Change> = due;
            due.iter().for_each(|change| change.apply(&mut self.synced_names));
        }
    }

    /// Changes a file's durable content between two mounts; `path` is below the root.
    pub fn edit(&mut self, path: &str, edit: impl FnOnce(&[u8]) -> Vec<u8>) {
        let node = path.split('/').try_fold(ROOT, |node, name| match self.nodes.get(&node) {
            Some(Node::Folder(names)) => names.get(name).copied(),
            _ => None,
        });
        if let Some(Node::File(file)) = node.and_then(|node| self.nodes.get_mut(&node)) {
            *file = FileData::durable(edit(&file.now));
        }
    }
}

//! A folder that lies in memory, for what reads files.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A new folder; in memory where the system has a place for that.
pub fn scratch() -> io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .prefix("specqlc-fuzz-")
        .tempdir_in(place)
}

/// Writes a file, and says where.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, bytes)?;
    Ok(path)
}

//! Accounts that exist on the target already, and what stands in the place of flows that would make them.

use std::sync::{Arc, Mutex, PoisonError};

use crate::source::Place;
use crate::value::Value;

/// `accounts` of a profile.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The fields of each user.
    pub of: Vec<Vec<(String, Value)>>,
    pub instead: Vec<Instead>,
    /// Messages that make accounts, which is not to happen here.
    pub made_by: Vec<String>,
    /// A case may get accounts that an earlier one had.
    pub reuse: bool,
    pub place: Place,
}

/// What is done in the place of a flow.
#[derive(Clone, Debug)]
pub struct Instead {
    pub place: Place,
    pub flow: String,
    /// Flows of one actor, and [`CONNECTS`].
    pub others: Vec<String>,
}

/// The word for a new connection among the flows that stand in the place of another.
pub const CONNECTS: &str = "connects";

impl Accounts {
    /// What is done in the place of this flow; `None` where the flow itself is.
    pub fn instead_of(&self, flow: &str) -> Option<&Instead> {
        self.instead.iter().find(|instead| instead.flow == flow)
    }
}

/// The accounts of a run: each is with one case at a time.
#[derive(Debug)]
pub struct Pool {
    accounts: Arc<Accounts>,
    free: Mutex<Vec<usize>>,
    changed: tokio::sync::Notify,
}

/// Accounts that a case has. They go back when this is dropped, where they may be used again.
#[derive(Debug)]
pub struct Lent {
    pool: Arc<Pool>,
    taken: Vec<usize>,
}

impl Pool {
    pub fn new(accounts: Accounts) -> Pool {
        Pool {
            free: Mutex::new((0..accounts.of.len()).rev().collect()),
            accounts: Arc::new(accounts),
            changed: tokio::sync::Notify::new(),
        }
    }

    /// Waits for so many accounts; `Err` says why a case never gets them.
    pub async fn lend(self: &Arc<Pool>, wanted: usize) -> Result<Lent, String> {
        let all = self.accounts.of.len();
        if wanted > all {
            return Err(format!("needs {wanted} accounts; the profile has {all}"));
        }
        loop {
            let changed = self.changed.notified();
            let left = {
                let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
                let left = free.len();
                if wanted <= left {
                    let taken = free.split_off(left - wanted);
                    return Ok(Lent {
                        pool: self.clone(),
                        taken,
                    });
                }
                left
            };
            if !self.accounts.reuse {
                return Err(format!(
                    "needs {wanted} accounts that no other case had; of the profile's {all}, {left} are left"
                ));
            }
            changed.await;
        }
    }
}

impl Lent {
    /// The fields of each user.
    pub fn users(&self) -> Vec<Vec<(String, Value)>> {
        let of = &self.pool.accounts.of;
        self.taken.iter().rev().map(|i| of[*i].clone()).collect()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.pool.accounts.reuse {
            let mut free = self
                .pool
                .free
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            free.append(&mut self.taken);
            drop(free);
            self.pool.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn pool(names: &[&str], reuse: bool) -> Arc<Pool> {
        let user = |name: &&str| vec![("name".to_owned(), Value::str(*name))];
        Arc::new(Pool::new(Accounts {
            of: names.iter().map(user).collect(),
            instead: Vec::new(),
            made_by: Vec::new(),
            reuse,
            place: SourceFile::new("a profile", "x").place(0..1),
        }))
    }

    fn names(lent: &Lent) -> Vec<String> {
        let users = lent.users().into_iter();
        users.map(|user| user[0].1.to_string()).collect()
    }

    #[tokio::test]
    async fn each_account_is_lent_once_where_it_may_not_be_used_again() {
        let pool = pool(&["a", "b", "c"], false);
        let first = pool.lend(2).await.expect("there are three");
        assert_eq!(names(&first), ["\"a\"", "\"b\""]);
        drop(first);
        assert_eq!(
            pool.lend(2).await.expect_err("one is left"),
            "needs 2 accounts that no other case had; of the profile's 3, 1 are left"
        );
        assert_eq!(names(&pool.lend(1).await.expect("one is left")), ["\"c\""]);
        assert_eq!(
            pool.lend(4).await.expect_err("too many"),
            "needs 4 accounts; the profile has 3"
        );
    }

    #[tokio::test]
    async fn accounts_that_may_be_used_again_are_with_one_case_at_a_time() {
        let pool = pool(&["a", "b"], true);
        let first = pool.lend(1).await.expect("there are two");
        let other = pool.clone();
        let waiting = tokio::spawn(async move { names(&other.lend(2).await.expect("later")) });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert_eq!(waiting.await.expect("no panic").len(), 2);
    }
}

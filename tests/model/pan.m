#define rand	pan_rand
#define pthread_equal(a,b)	((a)==(b))
#if defined(HAS_CODE) && defined(VERBOSE)
	#ifdef BFS_PAR
		bfs_printf("Pr: %d Tr: %d\n", II, t->forw);
	#else
		cpu_printf("Pr: %d Tr: %d\n", II, t->forw);
	#endif
#endif
	switch (t->forw) {
	default: Uerror("bad forward move");
	case 0:	/* if without executable clauses */
		continue;
	case 1: /* generic 'goto' or 'skip' */
		IfNotBlocked
		_m = 3; goto P999;
	case 2: /* generic 'else' */
		IfNotBlocked
		if (trpt->o_pm&1) continue;
		_m = 3; goto P999;

		 /* PROC world */
	case 3: // STATE 32 - election.pml:310 - [D_STEP310]
		IfNotBlocked

		reached[0][32] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_000_0: /* 2 */
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
S_018_0: /* 2 */
S_017_0: /* 2 */
S_001_0: /* 2 */
		if (!((((int)now.i)<3)))
			goto S_017_1;
S_002_0: /* 2 */
		now.vote[ Index(now.i, 3) ] = 3;
#ifdef VAR_RANGES
		logval("vote[i]", ((int)now.vote[ Index(((int)now.i), 3) ]));
#endif
		;
S_003_0: /* 2 */
		now.want_vote[ Index(now.i, 3) ] = 3;
#ifdef VAR_RANGES
		logval("want_vote[i]", ((int)now.want_vote[ Index(((int)now.i), 3) ]));
#endif
		;
S_004_0: /* 2 */
		now.promised[ Index(now.i, 3) ] = 3;
#ifdef VAR_RANGES
		logval("promised[i]", ((int)now.promised[ Index(((int)now.i), 3) ]));
#endif
		;
S_005_0: /* 2 */
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
S_012_0: /* 2 */
S_011_0: /* 2 */
S_006_0: /* 2 */
		if (!((((int)now.k)<3)))
			goto S_011_1;
S_007_0: /* 2 */
		now.age[ Index(((now.i*3)+now.k), 9) ] = (2+1);
#ifdef VAR_RANGES
		logval("age[((i*3)+k)]", ((int)now.age[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]));
#endif
		;
S_008_0: /* 2 */
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		goto S_012_0; /* ';' */
S_011_1: /* 3 */
S_009_0: /* 2 */
		/* else */;
S_010_0: /* 2 */
		goto S_014_0;	/* 'goto' */
S_011_2: /* 3 */
		Uerror("blocking sel in d_step (nr.0, near line 316)");
S_013_0: /* 2 */
		goto S_014_0;	/* 'break' */
S_014_0: /* 2 */
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		goto S_018_0; /* ';' */
S_017_1: /* 3 */
S_015_0: /* 2 */
		/* else */;
S_016_0: /* 2 */
		goto S_020_0;	/* 'goto' */
S_017_2: /* 3 */
		Uerror("blocking sel in d_step (nr.1, near line 312)");
S_019_0: /* 2 */
		goto S_020_0;	/* 'break' */
S_020_0: /* 2 */
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
S_027_0: /* 2 */
S_026_0: /* 2 */
S_021_0: /* 2 */
		if (!((((int)now.i)<=3)))
			goto S_026_1;
S_022_0: /* 2 */
		now.winner[ Index(now.i, 4) ] = 3;
#ifdef VAR_RANGES
		logval("winner[i]", ((int)now.winner[ Index(((int)now.i), 4) ]));
#endif
		;
S_023_0: /* 2 */
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		goto S_027_0; /* ';' */
S_026_1: /* 3 */
S_024_0: /* 2 */
		/* else */;
S_025_0: /* 2 */
		goto S_029_0;	/* 'goto' */
S_026_2: /* 3 */
		Uerror("blocking sel in d_step (nr.2, near line 324)");
S_028_0: /* 2 */
		goto S_029_0;	/* 'break' */
S_029_0: /* 2 */
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
S_030_0: /* 2 */
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		goto S_334_0;
S_334_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 4: // STATE 33 - election.pml:69 - [a = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][33] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->a);
		((P0 *)_this)->a = 0;
#ifdef VAR_RANGES
		logval("world:a", ((int)((P0 *)_this)->a));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 5: // STATE 34 - election.pml:71 - [((a<(3-1)))] (37:0:1 - 1)
		IfNotBlocked
		reached[0][34] = 1;
		if (!((((int)((P0 *)_this)->a)<(3-1))))
			continue;
		/* merge: a = (a+1)(0, 35, 37) */
		reached[0][35] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->a);
		((P0 *)_this)->a = (((int)((P0 *)_this)->a)+1);
#ifdef VAR_RANGES
		logval("world:a", ((int)((P0 *)_this)->a));
#endif
		;
		/* merge: .(goto)(0, 38, 37) */
		reached[0][38] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 6: // STATE 41 - election.pml:69 - [b = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][41] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->b);
		((P0 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("world:b", ((int)((P0 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 7: // STATE 42 - election.pml:71 - [((b<(3-1)))] (45:0:1 - 1)
		IfNotBlocked
		reached[0][42] = 1;
		if (!((((int)((P0 *)_this)->b)<(3-1))))
			continue;
		/* merge: b = (b+1)(0, 43, 45) */
		reached[0][43] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->b);
		((P0 *)_this)->b = (((int)((P0 *)_this)->b)+1);
#ifdef VAR_RANGES
		logval("world:b", ((int)((P0 *)_this)->b));
#endif
		;
		/* merge: .(goto)(0, 46, 45) */
		reached[0][46] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 8: // STATE 49 - election.pml:106 - [t = want_term[a]] (0:60:2 - 1)
		IfNotBlocked
		reached[0][49] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.t);
		now.t = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: k = 0(60, 50, 60) */
		reached[0][50] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 61, 60) */
		reached[0][61] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 9: // STATE 51 - election.pml:109 - [((k<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][51] = 1;
		if (!((((int)now.k)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 10: // STATE 52 - election.pml:110 - [((term[k]>t))] (60:0:2 - 1)
		IfNotBlocked
		reached[0][52] = 1;
		if (!((((int)now.term[ Index(((int)now.k), 3) ])>((int)now.t))))
			continue;
		/* merge: t = term[k](60, 53, 60) */
		reached[0][53] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.t);
		now.t = ((int)now.term[ Index(((int)now.k), 3) ]);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: .(goto)(60, 56, 60) */
		reached[0][56] = 1;
		;
		/* merge: k = (k+1)(60, 57, 60) */
		reached[0][57] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 61, 60) */
		reached[0][61] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 11: // STATE 57 - election.pml:113 - [k = (k+1)] (0:60:1 - 3)
		IfNotBlocked
		reached[0][57] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 61, 60) */
		reached[0][61] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 12: // STATE 63 - election.pml:117 - [(((t<3)&&((acting[a]!=0)||((abstain[a]==0)&&((promise[a]==0)||(promised[a]==a))))))] (79:0:3 - 1)
		IfNotBlocked
		reached[0][63] = 1;
		if (!(((((int)now.t)<3)&&((((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])!=0)||((((int)now.abstain[ Index(((int)((P0 *)_this)->a), 3) ])==0)&&((((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ])==0)||(((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ])==((int)((P0 *)_this)->a))))))))
			continue;
		/* merge: t = (t+1)(79, 64, 79) */
		reached[0][64] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.t);
		now.t = (((int)now.t)+1);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: want_term[a] = t(79, 65, 79) */
		reached[0][65] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = ((int)now.t);
#ifdef VAR_RANGES
		logval("want_term[world:a]", ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: want_vote[a] = a(79, 66, 79) */
		reached[0][66] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->a);
#ifdef VAR_RANGES
		logval("want_vote[world:a]", ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 13: // STATE 67 - election.pml:122 - [((acting[a]==0))] (75:0:1 - 1)
		IfNotBlocked
		reached[0][67] = 1;
		if (!((((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])==0)))
			continue;
		/* merge: k = 0(0, 68, 75) */
		reached[0][68] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 76, 75) */
		reached[0][76] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 14: // STATE 69 - election.pml:125 - [((k<3))] (75:0:3 - 1)
		IfNotBlocked
		reached[0][69] = 1;
		if (!((((int)now.k)<3)))
			continue;
		/* merge: lease[((a*3)+k)] = 0(75, 70, 75) */
		reached[0][70] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = 0;
#ifdef VAR_RANGES
		logval("lease[((world:a*3)+k)]", ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: age[((k*3)+a)] = (2+1)(75, 71, 75) */
		reached[0][71] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.age[ Index(((((int)now.k)*3)+((int)((P0 *)_this)->a)), 9) ]);
		now.age[ Index(((now.k*3)+((P0 *)_this)->a), 9) ] = (2+1);
#ifdef VAR_RANGES
		logval("age[((k*3)+world:a)]", ((int)now.age[ Index(((((int)now.k)*3)+((int)((P0 *)_this)->a)), 9) ]));
#endif
		;
		/* merge: k = (k+1)(75, 72, 75) */
		reached[0][72] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 76, 75) */
		reached[0][76] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 15: // STATE 81 - election.pml:135 - [standing[a] = 1] (0:330:3 - 5)
		IfNotBlocked
		reached[0][81] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 1;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promised[a] = a(330, 82, 330) */
		reached[0][82] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->a);
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 2(330, 83, 330) */
		reached[0][83] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 86, 330) */
		reached[0][86] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 16: // STATE 88 - election.pml:145 - [t = (want_term[a]+1)] (0:0:1 - 1)
		IfNotBlocked
		reached[0][88] = 1;
		(trpt+1)->bup.oval = ((int)now.t);
		now.t = (((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])+1);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 17: // STATE 89 - election.pml:147 - [((t<3))] (92:0:1 - 1)
		IfNotBlocked
		reached[0][89] = 1;
		if (!((((int)now.t)<3)))
			continue;
		/* merge: t = (t+1)(0, 90, 92) */
		reached[0][90] = 1;
		(trpt+1)->bup.oval = ((int)now.t);
		now.t = (((int)now.t)+1);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: .(goto)(0, 93, 92) */
		reached[0][93] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 18: // STATE 95 - election.pml:151 - [((((((a!=b)&&(t<=3))&&stood[((b*(3+1))+t)])&&((abstain[a]==0)&&((promise[a]==0)||(promised[a]==b))))&&(acting[a]==0)))] (330:0:5 - 1)
		IfNotBlocked
		reached[0][95] = 1;
		if (!((((((((int)((P0 *)_this)->a)!=((int)((P0 *)_this)->b))&&(((int)now.t)<=3))&&((int)now.stood[ Index(((((int)((P0 *)_this)->b)*(3+1))+((int)now.t)), 12) ]))&&((((int)now.abstain[ Index(((int)((P0 *)_this)->a), 3) ])==0)&&((((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ])==0)||(((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ])==((int)((P0 *)_this)->b)))))&&(((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])==0))))
			continue;
		/* merge: want_term[a] = t(330, 96, 330) */
		reached[0][96] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = ((int)now.t);
#ifdef VAR_RANGES
		logval("want_term[world:a]", ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: want_vote[a] = b(330, 97, 330) */
		reached[0][97] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("want_vote[world:a]", ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: standing[a] = 0(330, 98, 330) */
		reached[0][98] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promised[a] = b(330, 99, 330) */
		reached[0][99] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 2(330, 100, 330) */
		reached[0][100] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 103, 330) */
		reached[0][103] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 19: // STATE 105 - election.pml:167 - [((((((a!=b)&&(standing[b]||(acting[b]!=0)))&&(want_vote[a]==b))&&((acting[b]==0)||(want_term[a]>=acting[b])))&&(term[a]==want_term[a])))] (330:0:3 - 1)
		IfNotBlocked
		reached[0][105] = 1;
		if (!((((((((int)((P0 *)_this)->a)!=((int)((P0 *)_this)->b))&&(((int)now.standing[ Index(((int)((P0 *)_this)->b), 3) ])||(((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])!=0)))&&(((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ])==((int)((P0 *)_this)->b)))&&((((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])==0)||(((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])>=((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ]))))&&(((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ])==((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])))))
			continue;
		/* merge: promised[a] = b(330, 106, 330) */
		reached[0][106] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 2(330, 107, 330) */
		reached[0][107] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: age[((a*3)+b)] = 0(330, 108, 330) */
		reached[0][108] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.age[ Index(((((int)((P0 *)_this)->a)*3)+((int)((P0 *)_this)->b)), 9) ]);
		now.age[ Index(((((P0 *)_this)->a*3)+((P0 *)_this)->b), 9) ] = 0;
#ifdef VAR_RANGES
		logval("age[((world:a*3)+world:b)]", ((int)now.age[ Index(((((int)((P0 *)_this)->a)*3)+((int)((P0 *)_this)->b)), 9) ]));
#endif
		;
		/* merge: .(goto)(0, 111, 330) */
		reached[0][111] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 20: // STATE 113 - election.pml:180 - [((((((a!=b)&&(acting[b]!=0))&&(acting[b]>=want_term[a]))&&(acting[a]<acting[b]))&&!(((want_term[a]==acting[b])&&(want_vote[a]!=b)))))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][113] = 1;
		if (!((((((((int)((P0 *)_this)->a)!=((int)((P0 *)_this)->b))&&(((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])!=0))&&(((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])>=((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])))&&(((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])<((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])))&& !(((((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])==((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ]))&&(((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ])!=((int)((P0 *)_this)->b)))))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 21: // STATE 114 - election.pml:93 - [standing[a] = 0] (0:122:3 - 1)
		IfNotBlocked
		reached[0][114] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: acting[a] = 0(122, 115, 122) */
		reached[0][115] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.acting[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("acting[world:a]", ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: k = 0(122, 116, 122) */
		reached[0][116] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 123, 122) */
		reached[0][123] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 22: // STATE 117 - election.pml:97 - [((k<3))] (122:0:2 - 1)
		IfNotBlocked
		reached[0][117] = 1;
		if (!((((int)now.k)<3)))
			continue;
		/* merge: lease[((a*3)+k)] = 0(122, 118, 122) */
		reached[0][118] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = 0;
#ifdef VAR_RANGES
		logval("lease[((world:a*3)+k)]", ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: k = (k+1)(122, 119, 122) */
		reached[0][119] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 123, 122) */
		reached[0][123] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 23: // STATE 126 - election.pml:183 - [((acting[b]>want_term[a]))] (330:0:4 - 1)
		IfNotBlocked
		reached[0][126] = 1;
		if (!((((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ])>((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]))))
			continue;
		/* merge: want_term[a] = acting[b](330, 127, 330) */
		reached[0][127] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = ((int)now.acting[ Index(((int)((P0 *)_this)->b), 3) ]);
#ifdef VAR_RANGES
		logval("want_term[world:a]", ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: want_vote[a] = b(330, 128, 330) */
		reached[0][128] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("want_vote[world:a]", ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(330, 131, 330) */
		reached[0][131] = 1;
		;
		/* merge: promised[a] = b(330, 132, 330) */
		reached[0][132] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 2(330, 133, 330) */
		reached[0][133] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 136, 330) */
		reached[0][136] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 24: // STATE 132 - election.pml:186 - [promised[a] = b] (0:330:2 - 3)
		IfNotBlocked
		reached[0][132] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = ((int)((P0 *)_this)->b);
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 2(330, 133, 330) */
		reached[0][133] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 136, 330) */
		reached[0][136] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 25: // STATE 138 - election.pml:196 - [((((b!=a)&&(age[((b*3)+a)]<2))&&(standing[a]||(acting[a]!=0))))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][138] = 1;
		if (!((((((int)((P0 *)_this)->b)!=((int)((P0 *)_this)->a))&&(((int)now.age[ Index(((((int)((P0 *)_this)->b)*3)+((int)((P0 *)_this)->a)), 9) ])<2))&&(((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ])||(((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])!=0)))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 26: // STATE 139 - election.pml:201 - [(((2-age[((b*3)+a)])>lease[((a*3)+b)]))] (330:0:1 - 1)
		IfNotBlocked
		reached[0][139] = 1;
		if (!(((2-((int)now.age[ Index(((((int)((P0 *)_this)->b)*3)+((int)((P0 *)_this)->a)), 9) ]))>((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)((P0 *)_this)->b)), 9) ]))))
			continue;
		/* merge: lease[((a*3)+b)] = (2-age[((b*3)+a)])(0, 140, 330) */
		reached[0][140] = 1;
		(trpt+1)->bup.oval = ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)((P0 *)_this)->b)), 9) ]);
		now.lease[ Index(((((P0 *)_this)->a*3)+((P0 *)_this)->b), 9) ] = (2-((int)now.age[ Index(((((int)((P0 *)_this)->b)*3)+((int)((P0 *)_this)->a)), 9) ]));
#ifdef VAR_RANGES
		logval("lease[((world:a*3)+world:b)]", ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)((P0 *)_this)->b)), 9) ]));
#endif
		;
		/* merge: .(goto)(0, 143, 330) */
		reached[0][143] = 1;
		;
		/* merge: .(goto)(0, 146, 330) */
		reached[0][146] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 27: // STATE 148 - election.pml:211 - [n = 0] (0:159:2 - 1)
		IfNotBlocked
		reached[0][148] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.n);
		now.n = 0;
#ifdef VAR_RANGES
		logval("n", ((int)now.n));
#endif
		;
		/* merge: i = 0(159, 149, 159) */
		reached[0][149] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.i);
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 160, 159) */
		reached[0][160] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 28: // STATE 150 - election.pml:214 - [((i<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][150] = 1;
		if (!((((int)now.i)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 29: // STATE 151 - election.pml:216 - [((((term[a]==want_term[a])&&(term[i]==want_term[a]))&&(vote[i]==a)))] (159:0:2 - 1)
		IfNotBlocked
		reached[0][151] = 1;
		if (!((((((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ])==((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]))&&(((int)now.term[ Index(((int)now.i), 3) ])==((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])))&&(((int)now.vote[ Index(((int)now.i), 3) ])==((int)((P0 *)_this)->a)))))
			continue;
		/* merge: n = (n+1)(159, 152, 159) */
		reached[0][152] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.n);
		now.n = (((int)now.n)+1);
#ifdef VAR_RANGES
		logval("n", ((int)now.n));
#endif
		;
		/* merge: .(goto)(159, 155, 159) */
		reached[0][155] = 1;
		;
		/* merge: i = (i+1)(159, 156, 159) */
		reached[0][156] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 160, 159) */
		reached[0][160] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 30: // STATE 156 - election.pml:219 - [i = (i+1)] (0:159:1 - 3)
		IfNotBlocked
		reached[0][156] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 160, 159) */
		reached[0][160] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 31: // STATE 162 - election.pml:79 - [m = 0] (0:173:2 - 1)
		IfNotBlocked
		reached[0][162] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.m);
		now.m = 0;
#ifdef VAR_RANGES
		logval("m", ((int)now.m));
#endif
		;
		/* merge: k = 0(173, 163, 173) */
		reached[0][163] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 174, 173) */
		reached[0][174] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 32: // STATE 164 - election.pml:82 - [((k<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][164] = 1;
		if (!((((int)now.k)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 33: // STATE 165 - election.pml:83 - [(((k!=a)&&(lease[((a*3)+k)]>0)))] (173:0:2 - 1)
		IfNotBlocked
		reached[0][165] = 1;
		if (!(((((int)now.k)!=((int)((P0 *)_this)->a))&&(((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ])>0))))
			continue;
		/* merge: m = (m+1)(173, 166, 173) */
		reached[0][166] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.m);
		now.m = (((int)now.m)+1);
#ifdef VAR_RANGES
		logval("m", ((int)now.m));
#endif
		;
		/* merge: .(goto)(173, 169, 173) */
		reached[0][169] = 1;
		;
		/* merge: k = (k+1)(173, 170, 173) */
		reached[0][170] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 174, 173) */
		reached[0][174] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 34: // STATE 170 - election.pml:86 - [k = (k+1)] (0:173:1 - 3)
		IfNotBlocked
		reached[0][170] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 174, 173) */
		reached[0][174] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 35: // STATE 177 - election.pml:224 - [(((standing[a]&&(n>=((3/2)+1)))&&(m>=(((3/2)+1)-1))))] (330:0:4 - 1)
		IfNotBlocked
		reached[0][177] = 1;
		if (!(((((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ])&&(((int)now.n)>=((3/2)+1)))&&(((int)now.m)>=(((3/2)+1)-1)))))
			continue;
		/* merge: t = want_term[a](330, 178, 330) */
		reached[0][178] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.t);
		now.t = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: assert((winner[t]==3))(330, 179, 330) */
		reached[0][179] = 1;
		spin_assert((((int)now.winner[ Index(((int)now.t), 4) ])==3), "(winner[t]==3)", II, tt, t);
		/* merge: winner[t] = a(330, 180, 330) */
		reached[0][180] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.winner[ Index(((int)now.t), 4) ]);
		now.winner[ Index(now.t, 4) ] = ((int)((P0 *)_this)->a);
#ifdef VAR_RANGES
		logval("winner[t]", ((int)now.winner[ Index(((int)now.t), 4) ]));
#endif
		;
		/* merge: acting[a] = t(330, 181, 330) */
		reached[0][181] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.acting[ Index(((P0 *)_this)->a, 3) ] = ((int)now.t);
#ifdef VAR_RANGES
		logval("acting[world:a]", ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: standing[a] = 0(330, 182, 330) */
		reached[0][182] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 185, 330) */
		reached[0][185] = 1;
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 36: // STATE 187 - election.pml:340 - [((standing[a]&&(acting[a]==0)))] (330:0:1 - 1)
		IfNotBlocked
		reached[0][187] = 1;
		if (!((((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ])&&(((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])==0))))
			continue;
		/* merge: standing[a] = 0(0, 188, 330) */
		reached[0][188] = 1;
		(trpt+1)->bup.oval = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 37: // STATE 189 - election.pml:341 - [((acting[a]!=0))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][189] = 1;
		if (!((((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])!=0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 38: // STATE 190 - election.pml:93 - [standing[a] = 0] (0:198:3 - 1)
		IfNotBlocked
		reached[0][190] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: acting[a] = 0(198, 191, 198) */
		reached[0][191] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.acting[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("acting[world:a]", ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: k = 0(198, 192, 198) */
		reached[0][192] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 199, 198) */
		reached[0][199] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 39: // STATE 193 - election.pml:97 - [((k<3))] (198:0:2 - 1)
		IfNotBlocked
		reached[0][193] = 1;
		if (!((((int)now.k)<3)))
			continue;
		/* merge: lease[((a*3)+k)] = 0(198, 194, 198) */
		reached[0][194] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = 0;
#ifdef VAR_RANGES
		logval("lease[((world:a*3)+k)]", ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: k = (k+1)(198, 195, 198) */
		reached[0][195] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 199, 198) */
		reached[0][199] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 40: // STATE 202 - election.pml:343 - [(((term[a]!=want_term[a])||(vote[a]!=want_vote[a])))] (330:0:2 - 1)
		IfNotBlocked
		reached[0][202] = 1;
		if (!(((((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ])!=((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]))||(((int)now.vote[ Index(((int)((P0 *)_this)->a), 3) ])!=((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ])))))
			continue;
		/* merge: term[a] = want_term[a](330, 203, 330) */
		reached[0][203] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.term[ Index(((P0 *)_this)->a, 3) ] = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("term[world:a]", ((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: vote[a] = want_vote[a](330, 204, 330) */
		reached[0][204] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.vote[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.vote[ Index(((P0 *)_this)->a, 3) ] = ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("vote[world:a]", ((int)now.vote[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 41: // STATE 205 - election.pml:347 - [((((standing[a]&&(term[a]==want_term[a]))&&(vote[a]==a))&&!(stood[((a*(3+1))+want_term[a])])))] (330:0:1 - 1)
		IfNotBlocked
		reached[0][205] = 1;
		if (!((((((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ])&&(((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ])==((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])))&&(((int)now.vote[ Index(((int)((P0 *)_this)->a), 3) ])==((int)((P0 *)_this)->a)))&& !(((int)now.stood[ Index(((((int)((P0 *)_this)->a)*(3+1))+((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])), 12) ])))))
			continue;
		/* merge: stood[((a*(3+1))+want_term[a])] = 1(0, 206, 330) */
		reached[0][206] = 1;
		(trpt+1)->bup.oval = ((int)now.stood[ Index(((((int)((P0 *)_this)->a)*(3+1))+((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])), 12) ]);
		now.stood[ Index(((((P0 *)_this)->a*(3+1))+now.want_term[ Index(((P0 *)_this)->a, 3) ]), 12) ] = 1;
#ifdef VAR_RANGES
		logval("stood[((world:a*(3+1))+want_term[world:a])]", ((int)now.stood[ Index(((((int)((P0 *)_this)->a)*(3+1))+((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ])), 12) ]));
#endif
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 42: // STATE 207 - election.pml:350 - [(((((a!=b)&&(promised[b]==a))&&!(standing[a]))&&(acting[a]==0)))] (330:0:2 - 1)
		IfNotBlocked
		reached[0][207] = 1;
		if (!(((((((int)((P0 *)_this)->a)!=((int)((P0 *)_this)->b))&&(((int)now.promised[ Index(((int)((P0 *)_this)->b), 3) ])==((int)((P0 *)_this)->a)))&& !(((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ])))&&(((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ])==0))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: a */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->a;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->a = 0;
		/* merge: promise[b] = 0(0, 208, 330) */
		reached[0][208] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.promise[ Index(((int)((P0 *)_this)->b), 3) ]);
		now.promise[ Index(((P0 *)_this)->b, 3) ] = 0;
#ifdef VAR_RANGES
		logval("promise[world:b]", ((int)now.promise[ Index(((int)((P0 *)_this)->b), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 43: // STATE 209 - election.pml:351 - [((crashes<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][209] = 1;
		if (!((((int)now.crashes)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 44: // STATE 210 - election.pml:236 - [crashes = (crashes+1)] (0:0:1 - 1)
		IfNotBlocked
		reached[0][210] = 1;
		(trpt+1)->bup.oval = ((int)now.crashes);
		now.crashes = (((int)now.crashes)+1);
#ifdef VAR_RANGES
		logval("crashes", ((int)now.crashes));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 45: // STATE 211 - election.pml:93 - [standing[a] = 0] (0:219:3 - 1)
		IfNotBlocked
		reached[0][211] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.standing[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[world:a]", ((int)now.standing[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: acting[a] = 0(219, 212, 219) */
		reached[0][212] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.acting[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("acting[world:a]", ((int)now.acting[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: k = 0(219, 213, 219) */
		reached[0][213] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 220, 219) */
		reached[0][220] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 46: // STATE 214 - election.pml:97 - [((k<3))] (219:0:2 - 1)
		IfNotBlocked
		reached[0][214] = 1;
		if (!((((int)now.k)<3)))
			continue;
		/* merge: lease[((a*3)+k)] = 0(219, 215, 219) */
		reached[0][215] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = 0;
#ifdef VAR_RANGES
		logval("lease[((world:a*3)+k)]", ((int)now.lease[ Index(((((int)((P0 *)_this)->a)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: k = (k+1)(219, 216, 219) */
		reached[0][216] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 220, 219) */
		reached[0][220] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 47: // STATE 223 - election.pml:238 - [want_term[a] = term[a]] (0:330:5 - 3)
		IfNotBlocked
		reached[0][223] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = ((int)now.term[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("want_term[world:a]", ((int)now.want_term[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: want_vote[a] = vote[a](330, 224, 330) */
		reached[0][224] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = ((int)now.vote[ Index(((int)((P0 *)_this)->a), 3) ]);
#ifdef VAR_RANGES
		logval("want_vote[world:a]", ((int)now.want_vote[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promised[a] = 3(330, 225, 330) */
		reached[0][225] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promised[ Index(((P0 *)_this)->a, 3) ] = 3;
#ifdef VAR_RANGES
		logval("promised[world:a]", ((int)now.promised[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: promise[a] = 0(330, 226, 330) */
		reached[0][226] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.promise[ Index(((P0 *)_this)->a, 3) ] = 0;
#ifdef VAR_RANGES
		logval("promise[world:a]", ((int)now.promise[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: abstain[a] = 2(330, 227, 330) */
		reached[0][227] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.abstain[ Index(((int)((P0 *)_this)->a), 3) ]);
		now.abstain[ Index(((P0 *)_this)->a, 3) ] = 2;
#ifdef VAR_RANGES
		logval("abstain[world:a]", ((int)now.abstain[ Index(((int)((P0 *)_this)->a), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 309, 330) */
		reached[0][309] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 48: // STATE 229 - election.pml:257 - [i = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][229] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 49: // STATE 230 - election.pml:259 - [((i<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][230] = 1;
		if (!((((int)now.i)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 50: // STATE 231 - election.pml:250 - [((promise[i]>0))] (242:0:1 - 1)
		IfNotBlocked
		reached[0][231] = 1;
		if (!((((int)now.promise[ Index(((int)now.i), 3) ])>0)))
			continue;
		/* merge: promise[i] = (promise[i]-1)(0, 232, 242) */
		reached[0][232] = 1;
		(trpt+1)->bup.oval = ((int)now.promise[ Index(((int)now.i), 3) ]);
		now.promise[ Index(now.i, 3) ] = (((int)now.promise[ Index(((int)now.i), 3) ])-1);
#ifdef VAR_RANGES
		logval("promise[i]", ((int)now.promise[ Index(((int)now.i), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 235, 242) */
		reached[0][235] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 51: // STATE 237 - election.pml:250 - [((abstain[i]>0))] (259:0:2 - 1)
		IfNotBlocked
		reached[0][237] = 1;
		if (!((((int)now.abstain[ Index(((int)now.i), 3) ])>0)))
			continue;
		/* merge: abstain[i] = (abstain[i]-1)(259, 238, 259) */
		reached[0][238] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.abstain[ Index(((int)now.i), 3) ]);
		now.abstain[ Index(now.i, 3) ] = (((int)now.abstain[ Index(((int)now.i), 3) ])-1);
#ifdef VAR_RANGES
		logval("abstain[i]", ((int)now.abstain[ Index(((int)now.i), 3) ]));
#endif
		;
		/* merge: .(goto)(259, 241, 259) */
		reached[0][241] = 1;
		;
		/* merge: k = 0(259, 243, 259) */
		reached[0][243] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 260, 259) */
		reached[0][260] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 52: // STATE 243 - election.pml:262 - [k = 0] (0:259:1 - 3)
		IfNotBlocked
		reached[0][243] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 260, 259) */
		reached[0][260] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 53: // STATE 244 - election.pml:264 - [((k<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][244] = 1;
		if (!((((int)now.k)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 54: // STATE 245 - election.pml:250 - [((lease[((i*3)+k)]>0))] (254:0:1 - 1)
		IfNotBlocked
		reached[0][245] = 1;
		if (!((((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ])>0)))
			continue;
		/* merge: lease[((i*3)+k)] = (lease[((i*3)+k)]-1)(0, 246, 254) */
		reached[0][246] = 1;
		(trpt+1)->bup.oval = ((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((now.i*3)+now.k), 9) ] = (((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ])-1);
#ifdef VAR_RANGES
		logval("lease[((i*3)+k)]", ((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: .(goto)(0, 249, 254) */
		reached[0][249] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 55: // STATE 251 - election.pml:267 - [((age[((i*3)+k)]<(2+1)))] (259:0:2 - 1)
		IfNotBlocked
		reached[0][251] = 1;
		if (!((((int)now.age[ Index(((((int)now.i)*3)+((int)now.k)), 9) ])<(2+1))))
			continue;
		/* merge: age[((i*3)+k)] = (age[((i*3)+k)]+1)(259, 252, 259) */
		reached[0][252] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.age[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]);
		now.age[ Index(((now.i*3)+now.k), 9) ] = (((int)now.age[ Index(((((int)now.i)*3)+((int)now.k)), 9) ])+1);
#ifdef VAR_RANGES
		logval("age[((i*3)+k)]", ((int)now.age[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: .(goto)(259, 255, 259) */
		reached[0][255] = 1;
		;
		/* merge: k = (k+1)(259, 256, 259) */
		reached[0][256] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 260, 259) */
		reached[0][260] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 56: // STATE 256 - election.pml:270 - [k = (k+1)] (0:259:1 - 3)
		IfNotBlocked
		reached[0][256] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 260, 259) */
		reached[0][260] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 57: // STATE 262 - election.pml:273 - [i = (i+1)] (0:265:1 - 3)
		IfNotBlocked
		reached[0][262] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 266, 265) */
		reached[0][266] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 58: // STATE 268 - election.pml:277 - [i = 0] (0:304:1 - 3)
		IfNotBlocked
		reached[0][268] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 305, 304) */
		reached[0][305] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 59: // STATE 269 - election.pml:279 - [((i<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][269] = 1;
		if (!((((int)now.i)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 60: // STATE 270 - election.pml:79 - [m = 0] (0:281:2 - 1)
		IfNotBlocked
		reached[0][270] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.m);
		now.m = 0;
#ifdef VAR_RANGES
		logval("m", ((int)now.m));
#endif
		;
		/* merge: k = 0(281, 271, 281) */
		reached[0][271] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 282, 281) */
		reached[0][282] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 61: // STATE 272 - election.pml:82 - [((k<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][272] = 1;
		if (!((((int)now.k)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 62: // STATE 273 - election.pml:83 - [(((k!=i)&&(lease[((i*3)+k)]>0)))] (281:0:2 - 1)
		IfNotBlocked
		reached[0][273] = 1;
		if (!(((((int)now.k)!=((int)now.i))&&(((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ])>0))))
			continue;
		/* merge: m = (m+1)(281, 274, 281) */
		reached[0][274] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.m);
		now.m = (((int)now.m)+1);
#ifdef VAR_RANGES
		logval("m", ((int)now.m));
#endif
		;
		/* merge: .(goto)(281, 277, 281) */
		reached[0][277] = 1;
		;
		/* merge: k = (k+1)(281, 278, 281) */
		reached[0][278] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 282, 281) */
		reached[0][282] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 63: // STATE 278 - election.pml:86 - [k = (k+1)] (0:281:1 - 3)
		IfNotBlocked
		reached[0][278] = 1;
		(trpt+1)->bup.oval = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 282, 281) */
		reached[0][282] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 64: // STATE 285 - election.pml:282 - [(((acting[i]!=0)&&(m<(((3/2)+1)-1))))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][285] = 1;
		if (!(((((int)now.acting[ Index(((int)now.i), 3) ])!=0)&&(((int)now.m)<(((3/2)+1)-1)))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 65: // STATE 286 - election.pml:93 - [standing[i] = 0] (0:294:3 - 1)
		IfNotBlocked
		reached[0][286] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.standing[ Index(((int)now.i), 3) ]);
		now.standing[ Index(now.i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("standing[i]", ((int)now.standing[ Index(((int)now.i), 3) ]));
#endif
		;
		/* merge: acting[i] = 0(294, 287, 294) */
		reached[0][287] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.acting[ Index(((int)now.i), 3) ]);
		now.acting[ Index(now.i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("acting[i]", ((int)now.acting[ Index(((int)now.i), 3) ]));
#endif
		;
		/* merge: k = 0(294, 288, 294) */
		reached[0][288] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 295, 294) */
		reached[0][295] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 66: // STATE 289 - election.pml:97 - [((k<3))] (294:0:2 - 1)
		IfNotBlocked
		reached[0][289] = 1;
		if (!((((int)now.k)<3)))
			continue;
		/* merge: lease[((i*3)+k)] = 0(294, 290, 294) */
		reached[0][290] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]);
		now.lease[ Index(((now.i*3)+now.k), 9) ] = 0;
#ifdef VAR_RANGES
		logval("lease[((i*3)+k)]", ((int)now.lease[ Index(((((int)now.i)*3)+((int)now.k)), 9) ]));
#endif
		;
		/* merge: k = (k+1)(294, 291, 294) */
		reached[0][291] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = (((int)now.k)+1);
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: .(goto)(0, 295, 294) */
		reached[0][295] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 67: // STATE 301 - election.pml:285 - [i = (i+1)] (0:304:1 - 5)
		IfNotBlocked
		reached[0][301] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 305, 304) */
		reached[0][305] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 68: // STATE 310 - election.pml:292 - [n = 0] (0:321:2 - 1)
		IfNotBlocked
		reached[0][310] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.n);
		now.n = 0;
#ifdef VAR_RANGES
		logval("n", ((int)now.n));
#endif
		;
		/* merge: i = 0(321, 311, 321) */
		reached[0][311] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.i);
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 322, 321) */
		reached[0][322] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 69: // STATE 312 - election.pml:295 - [((i<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][312] = 1;
		if (!((((int)now.i)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 70: // STATE 313 - election.pml:296 - [((acting[i]!=0))] (321:0:2 - 1)
		IfNotBlocked
		reached[0][313] = 1;
		if (!((((int)now.acting[ Index(((int)now.i), 3) ])!=0)))
			continue;
		/* merge: n = (n+1)(321, 314, 321) */
		reached[0][314] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.n);
		now.n = (((int)now.n)+1);
#ifdef VAR_RANGES
		logval("n", ((int)now.n));
#endif
		;
		/* merge: .(goto)(321, 317, 321) */
		reached[0][317] = 1;
		;
		/* merge: i = (i+1)(321, 318, 321) */
		reached[0][318] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 322, 321) */
		reached[0][322] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 71: // STATE 318 - election.pml:299 - [i = (i+1)] (0:321:1 - 3)
		IfNotBlocked
		reached[0][318] = 1;
		(trpt+1)->bup.oval = ((int)now.i);
		now.i = (((int)now.i)+1);
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: .(goto)(0, 322, 321) */
		reached[0][322] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 72: // STATE 324 - election.pml:302 - [assert((n<=1))] (0:334:7 - 3)
		IfNotBlocked
		reached[0][324] = 1;
		spin_assert((((int)now.n)<=1), "(n<=1)", II, tt, t);
		/* merge: i = 0(334, 325, 334) */
		reached[0][325] = 1;
		(trpt+1)->bup.ovals = grab_ints(7);
		(trpt+1)->bup.ovals[0] = ((int)now.i);
		now.i = 0;
#ifdef VAR_RANGES
		logval("i", ((int)now.i));
#endif
		;
		/* merge: k = 0(334, 326, 334) */
		reached[0][326] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.k);
		now.k = 0;
#ifdef VAR_RANGES
		logval("k", ((int)now.k));
#endif
		;
		/* merge: t = 0(334, 327, 334) */
		reached[0][327] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.t);
		now.t = 0;
#ifdef VAR_RANGES
		logval("t", ((int)now.t));
#endif
		;
		/* merge: n = 0(334, 328, 334) */
		reached[0][328] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.n);
		now.n = 0;
#ifdef VAR_RANGES
		logval("n", ((int)now.n));
#endif
		;
		/* merge: m = 0(334, 329, 334) */
		reached[0][329] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.m);
		now.m = 0;
#ifdef VAR_RANGES
		logval("m", ((int)now.m));
#endif
		;
		/* merge: a = 0(334, 331, 334) */
		reached[0][331] = 1;
		(trpt+1)->bup.ovals[5] = ((int)((P0 *)_this)->a);
		((P0 *)_this)->a = 0;
#ifdef VAR_RANGES
		logval("world:a", ((int)((P0 *)_this)->a));
#endif
		;
		/* merge: b = 0(334, 332, 334) */
		reached[0][332] = 1;
		(trpt+1)->bup.ovals[6] = ((int)((P0 *)_this)->b);
		((P0 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("world:b", ((int)((P0 *)_this)->b));
#endif
		;
		/* merge: .(goto)(0, 335, 334) */
		reached[0][335] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 73: // STATE 337 - election.pml:358 - [-end-] (0:0:0 - 1)
		IfNotBlocked
		reached[0][337] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */
	case  _T5:	/* np_ */
		if (!((!(trpt->o_pm&4) && !(trpt->tau&128))))
			continue;
		/* else fall through */
	case  _T2:	/* true */
		_m = 3; goto P999;
#undef rand
	}


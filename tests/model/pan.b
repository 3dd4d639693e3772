	switch (t->back) {
	default: Uerror("bad return move");
	case  0: goto R999; /* nothing to undo */

		 /* PROC world */
	case 3: // STATE 32
		sv_restor();
		goto R999;

	case 4: // STATE 33
		;
		((P0 *)_this)->a = trpt->bup.oval;
		;
		goto R999;

	case 5: // STATE 35
		;
		((P0 *)_this)->a = trpt->bup.oval;
		;
		goto R999;

	case 6: // STATE 41
		;
		((P0 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 7: // STATE 43
		;
		((P0 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 8: // STATE 50
		;
		now.k = trpt->bup.ovals[1];
		now.t = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 10: // STATE 57
		;
		now.k = trpt->bup.ovals[1];
		now.t = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 11: // STATE 57
		;
		now.k = trpt->bup.oval;
		;
		goto R999;

	case 12: // STATE 66
		;
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.t = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 13: // STATE 68
		;
		now.k = trpt->bup.oval;
		;
		goto R999;

	case 14: // STATE 72
		;
		now.k = trpt->bup.ovals[2];
		now.age[ Index(((now.k*3)+((P0 *)_this)->a), 9) ] = trpt->bup.ovals[1];
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 15: // STATE 83
		;
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 16: // STATE 88
		;
		now.t = trpt->bup.oval;
		;
		goto R999;

	case 17: // STATE 90
		;
		now.t = trpt->bup.oval;
		;
		goto R999;

	case 18: // STATE 100
		;
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[4];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[3];
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;

	case 19: // STATE 108
		;
		now.age[ Index(((((P0 *)_this)->a*3)+((P0 *)_this)->b), 9) ] = trpt->bup.ovals[2];
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 21: // STATE 116
		;
		now.k = trpt->bup.ovals[2];
		now.acting[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 22: // STATE 119
		;
		now.k = trpt->bup.ovals[1];
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 23: // STATE 133
		;
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[3];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 24: // STATE 133
		;
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 26: // STATE 140
		;
		now.lease[ Index(((((P0 *)_this)->a*3)+((P0 *)_this)->b), 9) ] = trpt->bup.oval;
		;
		goto R999;

	case 27: // STATE 149
		;
		now.i = trpt->bup.ovals[1];
		now.n = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 29: // STATE 156
		;
		now.i = trpt->bup.ovals[1];
		now.n = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 30: // STATE 156
		;
		now.i = trpt->bup.oval;
		;
		goto R999;

	case 31: // STATE 163
		;
		now.k = trpt->bup.ovals[1];
		now.m = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 33: // STATE 170
		;
		now.k = trpt->bup.ovals[1];
		now.m = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 34: // STATE 170
		;
		now.k = trpt->bup.oval;
		;
		goto R999;

	case 35: // STATE 182
		;
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[3];
		now.acting[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.winner[ Index(now.t, 4) ] = trpt->bup.ovals[1];
		now.t = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 36: // STATE 188
		;
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 38: // STATE 192
		;
		now.k = trpt->bup.ovals[2];
		now.acting[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 39: // STATE 195
		;
		now.k = trpt->bup.ovals[1];
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 40: // STATE 204
		;
		now.vote[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.term[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 41: // STATE 206
		;
		now.stood[ Index(((((P0 *)_this)->a*(3+1))+now.want_term[ Index(((P0 *)_this)->a, 3) ]), 12) ] = trpt->bup.oval;
		;
		goto R999;

	case 42: // STATE 208
		;
		now.promise[ Index(((P0 *)_this)->b, 3) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->a = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 44: // STATE 210
		;
		now.crashes = trpt->bup.oval;
		;
		goto R999;

	case 45: // STATE 213
		;
		now.k = trpt->bup.ovals[2];
		now.acting[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.standing[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 46: // STATE 216
		;
		now.k = trpt->bup.ovals[1];
		now.lease[ Index(((((P0 *)_this)->a*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 47: // STATE 227
		;
		now.abstain[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[4];
		now.promise[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[3];
		now.promised[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[2];
		now.want_vote[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[1];
		now.want_term[ Index(((P0 *)_this)->a, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;

	case 48: // STATE 229
		;
		now.i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 50: // STATE 232
		;
		now.promise[ Index(now.i, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 51: // STATE 243
		;
		now.k = trpt->bup.ovals[1];
		now.abstain[ Index(now.i, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 52: // STATE 243
		;
		now.k = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 54: // STATE 246
		;
		now.lease[ Index(((now.i*3)+now.k), 9) ] = trpt->bup.oval;
		;
		goto R999;

	case 55: // STATE 256
		;
		now.k = trpt->bup.ovals[1];
		now.age[ Index(((now.i*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 56: // STATE 256
		;
		now.k = trpt->bup.oval;
		;
		goto R999;

	case 57: // STATE 262
		;
		now.i = trpt->bup.oval;
		;
		goto R999;

	case 58: // STATE 268
		;
		now.i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 60: // STATE 271
		;
		now.k = trpt->bup.ovals[1];
		now.m = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 62: // STATE 278
		;
		now.k = trpt->bup.ovals[1];
		now.m = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 63: // STATE 278
		;
		now.k = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 65: // STATE 288
		;
		now.k = trpt->bup.ovals[2];
		now.acting[ Index(now.i, 3) ] = trpt->bup.ovals[1];
		now.standing[ Index(now.i, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 66: // STATE 291
		;
		now.k = trpt->bup.ovals[1];
		now.lease[ Index(((now.i*3)+now.k), 9) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 67: // STATE 301
		;
		now.i = trpt->bup.oval;
		;
		goto R999;

	case 68: // STATE 311
		;
		now.i = trpt->bup.ovals[1];
		now.n = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 70: // STATE 318
		;
		now.i = trpt->bup.ovals[1];
		now.n = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 71: // STATE 318
		;
		now.i = trpt->bup.oval;
		;
		goto R999;

	case 72: // STATE 332
		;
		((P0 *)_this)->b = trpt->bup.ovals[6];
		((P0 *)_this)->a = trpt->bup.ovals[5];
		now.m = trpt->bup.ovals[4];
		now.n = trpt->bup.ovals[3];
		now.t = trpt->bup.ovals[2];
		now.k = trpt->bup.ovals[1];
		now.i = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 7);
		goto R999;

	case 73: // STATE 337
		;
		p_restor(II);
		;
		;
		goto R999;
	}

